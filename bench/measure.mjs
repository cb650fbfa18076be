/**
 * Measures: every platform in turn, round after round, so that what else the host does falls on all of them.
 * Every second round goes backwards. What a program printed must be the same everywhere.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { applies } from './platforms.mjs';
import { timeProcess } from './process-time.mjs';
import { median } from './statistics.mjs';

const countRun = fileURLToPath(new URL('count-run.mjs', import.meta.url));
/** Host seconds that a platform without a bar may take for one row; once it runs in any case. */
const SIDE_SECONDS = 3;

/** What must be the same on all: the console without lines that begin with `note:`. */
function comparable(console) {
  return console
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('note:'))
    .join('\n');
}

const notes = (console) => console.split('\n').filter((line) => line.startsWith('note:'));

/** Exact figures of a row on m4lab, and what it printed. */
function count({ elf }, repeat) {
  const run = spawnSync(process.execPath, [countRun, elf, String(repeat)], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`m4lab could not run ${elf}: ${run.stderr}`);
  const counted = JSON.parse(run.stdout);
  const { reason, code } = counted.stop;
  if (reason !== 'exit' || code !== 0) throw new Error(`${elf} ended with ${JSON.stringify(counted.stop)}`);
  return counted;
}

class Row {
  constructor(program, built, work, platforms) {
    Object.assign(this, { program, built, work, errors: [], notes: [] });
    this.platforms = platforms.filter((platform) => applies(platform, program, built));
    this.samples = new Map(this.platforms.map(({ name }) => [name, []]));
  }

  count() {
    this.counted = count(this.built, this.work.repeat);
    this.expected = comparable(this.counted.console);
    this.#note('m4lab', this.counted.console);
  }

  /** One run of each platform that still has time. */
  round(stopwatch, backwards) {
    const order = backwards ? this.platforms.toReversed() : this.platforms;
    for (const platform of order) {
      const samples = this.samples.get(platform.name);
      const spent = samples.reduce((sum, { wall }) => sum + wall, 0);
      if (!platform.every && spent > SIDE_SECONDS) continue;
      const sample = timeProcess(stopwatch, platform.command(this.built, this.work.repeat));
      if (samples.length === 0 && platform.name !== 'm4lab') this.#note(platform.title, sample.stdout);
      this.#check(platform, sample);
      samples.push({ wall: sample.wall, cpu: sample.cpu, peakMb: sample.peakMb });
    }
  }

  #note(title, console) {
    for (const note of notes(console)) this.notes.push(`${title}: ${note.slice('note:'.length).trim()}`);
  }

  #check({ title }, { stdout, stderr, status }) {
    const printed = comparable(stdout);
    let error;
    if (status !== 0) error = `${title} ended with status ${status}: ${stderr.trim().split('\n').at(-1)}`;
    else if (printed !== this.expected) error = `${title} printed '${printed}', m4lab '${this.expected}'`;
    if (error !== undefined && !this.errors.includes(error)) this.errors.push(error);
  }
}

/** Medians of one row's samples by platform name. */
function mediansOf(row) {
  const measured = [...row.samples].filter(([, samples]) => samples.length > 0);
  return Object.fromEntries(
    measured.map(([name, samples]) => [
      name,
      {
        runs: samples.length,
        wall: median(samples.map(({ wall }) => wall)),
        cpu: median(samples.map(({ cpu }) => cpu)),
        peakMb: median(samples.map(({ peakMb }) => peakMb)),
      },
    ]),
  );
}

/**
 * One row: the program's name, its work, what m4lab counted, medians by platform, notes, and errors, each a
 * sentence. `progress` is called with a line before the row is begun.
 */
export function measureRow({ program, built, work, platforms, stopwatch, runs }, progress) {
  progress(`${work.name}, ${work.work}`);
  const row = new Row(program, built, work, platforms);
  row.count();
  for (let round = 0; round < runs; round++) row.round(stopwatch, round % 2 === 1);
  const { instructions, cycles, translationMs } = row.counted;
  return {
    name: work.name,
    program: program.name,
    work: work.work,
    repeat: work.repeat,
    ...{ instructions, cycles, translationMs },
    times: mediansOf(row),
    notes: row.notes,
    errors: row.errors.map((error) => `${work.name}: ${error}`),
  };
}
