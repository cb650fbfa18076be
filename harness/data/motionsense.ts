/**
 * MotionSense recordings resampled to 20 Hz: a folder of `user_NN.csv`, each with the columns
 * `user,activity,trial,x,y,z`, total acceleration in m/s^2 (Malekzadeh et al., IoTDI 2019). The rows of
 * a trial stand together. Trials 1 to 9 are long and train, 11 to 16 are short and test.
 * It checks every row and never guesses: the first broken one is an error with file and line.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../emulator/errors.js';
import { CHANNELS, type Dataset, type Recording } from './recording.js';
import { formatUsers } from './users.js';

const HEADER = 'user,activity,trial,x,y,z';
const COLUMNS = HEADER.split(',');
const FILE_NAME = /^user_(\d+)\.csv$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const FIX_ROW = 'correct or remove the row';

/** Beyond any accelerometer: 1,000 times standard gravity, in m/s^2. Far inside what a float32 holds. */
const LARGEST = 9806.65;

function readRecording(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError({
      code: 'data-unreadable',
      what: path,
      expected: 'must be a file that can be read',
      fix: `see that it is no folder and no broken link (${(error as { code?: string }).code})`,
    });
  }
}

/** Opens the folder. UserError if it does not exist or holds no `user_NN.csv`. */
export function openMotionSense(folder: string, classes: readonly string[]): Dataset {
  const files = listFiles(folder);
  const bytesOf = (user: number): { path: string; bytes: Buffer } => {
    const path = files.get(user);
    if (path === undefined) throw unknownUser(folder, user, [...files.keys()]);
    return { path, bytes: readRecording(path) };
  };
  return {
    name: 'motionsense',
    users: () => [...files.keys()],
    recordings(user) {
      const { path, bytes } = bytesOf(user);
      return parseRecordings(bytes.toString('utf8'), path, user, classes);
    },
    sha256(users) {
      const hash = createHash('sha256');
      for (const user of users) hash.update(bytesOf(user).bytes);
      return hash.digest('hex');
    },
  };
}

function listFiles(folder: string): Map<number, string> {
  if (!existsSync(folder)) {
    throw new UserError({
      code: 'data-folder-missing',
      what: `the data folder ${folder}`,
      expected: 'does not exist',
      fix: "give a folder of user_NN.csv files, or 'synthetic' for the built-in wearers",
    });
  }
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new UserError({
      code: 'data-folder-unreadable',
      what: `the data folder ${folder}`,
      expected: `cannot be listed (${(error as NodeJS.ErrnoException).code})`,
      fix: 'give a folder of user_NN.csv files',
    });
  }
  const found = names.flatMap((name): [number, string][] => {
    const match = FILE_NAME.exec(name);
    return match === null ? [] : [[Number(match[1]), join(folder, name)]];
  });
  if (found.length === 0) {
    throw new UserError({
      code: 'data-folder-empty',
      what: `the data folder ${folder}`,
      expected: 'holds no user_NN.csv',
      fix: 'give the folder that holds the recordings themselves',
    });
  }
  return new Map(found.sort(([a], [b]) => a - b));
}

function unknownUser(folder: string, user: number, known: number[]): UserError {
  return new UserError({
    code: 'data-user-missing',
    what: `user ${user}`,
    expected: `has no recordings in ${folder}`,
    fix: `choose one of ${formatUsers(known)}`,
  });
}

/** One row, checked. */
interface Row {
  readonly label: number;
  readonly trial: number;
  readonly part: Recording['part'];
  readonly axes: readonly number[];
}

/**
 * The trials of one user's file, in the order of the file.
 * @param path for the messages
 */
export function parseRecordings(
  text: string,
  path: string,
  user: number,
  classes: readonly string[],
): Recording[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  checkHeader(lines[0] ?? '', path);
  const readRow = rowReader(path, user, classes);
  const trials = new Map<string, { row: Row; axes: number[] }>();
  let current = '';
  for (let i = 1; i < lines.length; i++) {
    const row = readRow(lines[i] as string, i + 1);
    const key = `${row.label}/${row.trial}`;
    if (key !== current && trials.has(key)) {
      throw rowError(
        path,
        i + 1,
        `trial ${row.trial}`,
        'must stand together, but began earlier',
        'sort the rows',
      );
    }
    current = key;
    const trial = trials.get(key) ?? { row, axes: [] };
    trials.set(key, trial);
    trial.axes.push(...row.axes);
  }
  return [...trials.values()].map(({ row, axes }) => {
    return { user, label: row.label, trial: row.trial, part: row.part, samples: Float64Array.from(axes) };
  });
}

function checkHeader(line: string, path: string): void {
  if (line === HEADER) return;
  throw new UserError({
    code: 'csv-header',
    what: `${path}:1: the header`,
    got: `'${line.slice(0, 60)}'`,
    expected: `must be '${HEADER}'`,
    fix: 'give a file with these columns',
  });
}

function rowError(path: string, line: number, what: string, expected: string, fix = FIX_ROW, got?: string) {
  const value = got === undefined ? {} : { got: `'${got.slice(0, 40)}'` };
  return new UserError({ code: 'csv-row', what: `${path}:${line}: ${what}`, ...value, expected, fix });
}

function rowReader(path: string, user: number, classes: readonly string[]) {
  const labels = new Map(classes.map((name, label) => [name.toLowerCase(), label]));
  return (line: string, number: number): Row => {
    const fields = line.split(',');
    if (fields.length !== COLUMNS.length) {
      const rule = `must have ${COLUMNS.length} fields, has ${fields.length}`;
      throw rowError(path, number, 'the row', rule, FIX_ROW, line);
    }
    const [userText, activity, trialText] = fields as [string, string, string];
    if (userText !== String(user)) {
      throw rowError(path, number, 'user', `must be ${user} as the file's name says`, FIX_ROW, userText);
    }
    const label = labels.get(activity.toLowerCase());
    if (label === undefined) {
      throw rowError(path, number, 'activity', `must be one of ${classes.join(', ')}`, FIX_ROW, activity);
    }
    const trial = /^\d{1,2}$/.test(trialText) ? Number(trialText) : 0;
    const part = partOf(trial);
    if (part === undefined) {
      const rule = 'must be from 1 to 9 (training) or from 11 to 16 (test)';
      throw rowError(path, number, 'trial', rule, FIX_ROW, trialText);
    }
    const axes = fields.slice(-CHANNELS).map((text, axis) => {
      const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
      if (Math.abs(value) <= LARGEST) return value;
      const column = COLUMNS[COLUMNS.length - CHANNELS + axis] as string;
      throw rowError(
        path,
        number,
        column,
        `must be a decimal number of m/s^2, ${LARGEST} at most`,
        FIX_ROW,
        text,
      );
    });
    return { label, trial, part, axes };
  };
}

function partOf(trial: number): Recording['part'] | undefined {
  if (trial >= 1 && trial <= 9) return 'train';
  if (trial >= 11 && trial <= 16) return 'test';
  return undefined;
}
