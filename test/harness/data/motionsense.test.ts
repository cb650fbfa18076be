import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../emulator/errors.js';
import { openDataset } from '../../../harness/data/dataset.js';
import { openMotionSense, parseRecordings } from '../../../harness/data/motionsense.js';
import { packagePath } from '../../../harness/data/package-root.js';

const CLASSES = ['downstairs', 'upstairs', 'sitting', 'standing', 'walking', 'jogging'];
const HEADER = 'user,activity,trial,x,y,z';
const parse = (...rows: string[]) => parseRecordings([HEADER, ...rows, ''].join('\n'), 'u.csv', 7, CLASSES);

/** What the user reads, or `no error`. */
function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('recordings', () => {
  it('are split in trials, and trials in training and test', () => {
    const recordings = parse(
      '7,Walking,7,1,2,3',
      '7,Walking,7,4,5,6',
      '7,Walking,15,-1.5,0,1e1',
      '7,Sitting,5,0,0,0',
    );
    expect(recordings).toEqual([
      { user: 7, label: 4, trial: 7, part: 'train', samples: Float64Array.of(1, 2, 3, 4, 5, 6) },
      { user: 7, label: 4, trial: 15, part: 'test', samples: Float64Array.of(-1.5, 0, 10) },
      { user: 7, label: 2, trial: 5, part: 'train', samples: Float64Array.of(0, 0, 0) },
    ]);
  });

  it('may end their lines as on Windows', () => {
    const text = `${HEADER}\r\n7,Walking,7,1,2,3\r\n`;
    expect(parseRecordings(text, 'u.csv', 7, CLASSES)[0]?.samples).toEqual(Float64Array.of(1, 2, 3));
  });

  it.each([
    ['7,Walking,7,1,2', "u.csv:3: the row is '7,Walking,7,1,2', but must have 6 fields, has 5;"],
    ['7,Walking,7,1,2,3,4', 'must have 6 fields, has 7'],
    ['', 'must have 6 fields, has 1'],
    ['8,Walking,7,1,2,3', "u.csv:3: user is '8', but must be 7 as the file's name says"],
    ['7,Swimming,7,1,2,3', "u.csv:3: activity is 'Swimming', but must be one of downstairs, upstairs"],
    ['7,Walking,10,1,2,3', "u.csv:3: trial is '10', but must be from 1 to 9"],
    ['7,Walking,x,1,2,3', "u.csv:3: trial is 'x'"],
    ['7,Walking,17,1,2,3', "u.csv:3: trial is '17'"],
    ['7,Walking,7,NaN,2,3', "u.csv:3: x is 'NaN', but must be a decimal number of m/s^2, 9806.65 at most"],
    [
      '7,Walking,7,1,2,1e300',
      "u.csv:3: z is '1e300', but must be a decimal number of m/s^2, 9806.65 at most",
    ],
    ['7,Walking,7,1,,3', "u.csv:3: y is ''"],
    ['7,Walking,7,1,0x10,3', "u.csv:3: y is '0x10'"],
    ['7,Walking,7,1,2,1e999', "u.csv:3: z is '1e999'"],
    ['7,Walking,7,1,2,3;', "u.csv:3: z is '3;'"],
  ])('refuse the row %j', (row, message) => {
    expect(messageOf(() => parse('7,Walking,7,1,2,3', row))).toContain(message);
  });

  it('refuse a trial that comes back later', () => {
    const message = messageOf(() => parse('7,Walking,7,1,2,3', '7,Sitting,5,1,2,3', '7,Walking,7,1,2,3'));
    expect(message).toBe('u.csv:4: trial 7 must stand together, but began earlier; sort the rows');
  });

  it('refuse another header, and an empty file', () => {
    const other = messageOf(() => parseRecordings('a,b\n', 'u.csv', 7, CLASSES));
    expect(other).toBe(
      `u.csv:1: the header is 'a,b', but must be '${HEADER}'; give a file with these columns`,
    );
    expect(messageOf(() => parseRecordings('', 'u.csv', 7, CLASSES))).toContain("the header is ''");
  });
});

describe('a folder of recordings', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'm4lab-'));
    writeFileSync(join(folder, 'user_02.csv'), `${HEADER}\n2,Walking,7,1,2,3\n`);
    writeFileSync(join(folder, 'user_10.csv'), `${HEADER}\n10,Walking,7,1,2,3\n`);
    writeFileSync(join(folder, 'readme.txt'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('knows its users, their data and its hash', () => {
    const dataset = openDataset(folder, CLASSES);
    expect(dataset.users()).toEqual([2, 10]);
    expect(dataset.recordings(10)[0]?.user).toBe(10);
    const bytes = ['02', '10'].map((n) => readFileSync(join(folder, `user_${n}.csv`)));
    expect(dataset.sha256([2, 10])).toBe(createHash('sha256').update(Buffer.concat(bytes)).digest('hex'));
    expect(dataset.sha256([2])).not.toBe(dataset.sha256([2, 10]));
  });

  it('says what is missing', () => {
    expect(messageOf(() => openMotionSense(folder, CLASSES).recordings(3))).toBe(
      `user 3 has no recordings in ${folder}; choose one of 2,10`,
    );
    const nowhere = join(folder, 'nowhere');
    expect(messageOf(() => openMotionSense(nowhere, CLASSES))).toContain(
      `the data folder ${nowhere} does not exist`,
    );
    const file = join(folder, 'readme.txt');
    expect(messageOf(() => openMotionSense(file, CLASSES))).toContain('cannot be listed (ENOTDIR)');
    expect(messageOf(() => openMotionSense(packagePath('profiles'), CLASSES))).toContain(
      'holds no user_NN.csv',
    );
  });
});

describe('MotionSense itself', () => {
  it('reads whole, with every activity in both parts', () => {
    const folder = packagePath('..', 'shared', 'data', 'motionsense_20hz');
    if (!existsSync(folder)) {
      console.info(`${folder} is absent: MotionSense itself was not read`);
      return;
    }
    const recordings = openMotionSense(folder, CLASSES).recordings(17);
    const trials = recordings.map(({ label, trial }) => `${CLASSES[label]} ${trial}`).sort();
    expect(trials).toEqual(
      [
        'downstairs 1',
        'downstairs 2',
        'downstairs 11',
        'upstairs 3',
        'upstairs 4',
        'upstairs 12',
        'sitting 5',
      ]
        .concat(['sitting 13', 'standing 6', 'standing 14', 'walking 7', 'walking 8', 'walking 15'])
        .concat(['jogging 9', 'jogging 16'])
        .sort(),
    );
    expect(recordings.reduce((sum, { samples }) => sum + samples.length / 3, 0)).toBe(22221);
  });
});
