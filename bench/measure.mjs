/**
 * Measures: every platform in turn, round after round, so that what else the host does falls on all of them.
 * Every second round goes backwards. What a program printed must be the same everywhere.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { applies } from './platforms.mjs';
import { LIMIT_MS, timeProcess } from './process-time.mjs';
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

/** Exact figures of a row on m4lab, and what it printed; `error` when it did not come to its end. */
function count({ elf }, repeat) {
  const words = [countRun, elf, String(repeat)];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: LIMIT_MS });
  if (run.status !== 0) return { error: `m4lab as a library failed: ${run.error?.message ?? run.stderr}` };
  const counted = JSON.parse(run.stdout);
  const { reason, code } = counted.stop;
  if (reason === 'exit' && code === 0) return counted;
  return { error: `m4lab as a library stopped with ${JSON.stringify(counted.stop)}` };
}

class Row {
  constructor(program, built, work, platforms) {
    Object.assign(this, { program, built, work, errors: [], notes: [] });
    this.platforms = platforms.filter((platform) => applies(platform, program, built));
    this.samples = new Map(this.platforms.map(({ name }) => [name, []]));
  }

  count() {
    this.counted = count(this.built, this.work.repeat);
    const { error, console } = this.counted;
    if (error !== undefined) this.errors.push(error);
    else this.#first('m4lab', console);
  }

  /** One run of each platform that still has time. */
  round(stopwatch, backwards) {
    for (const platform of backwards ? this.platforms.toReversed() : this.platforms) {
      const samples = this.samples.get(platform.name);
      const spent = samples.reduce((sum, { wall }) => sum + wall, 0);
      if (!platform.every && spent > SIDE_SECONDS) continue;
      const sample = timeProcess(stopwatch, platform.command(this.built, this.work.repeat));
      if (this.#isGood(platform, sample)) samples.push(sample);
    }
  }

  /** What is the same on all is what the first one printed. */
  #first(title, console) {
    this.expected ??= { title, text: comparable(console) };
    for (const note of notes(console)) this.notes.push(`${title}: ${note.slice('note:'.length).trim()}`);
  }

  #isGood({ name, title }, { stdout, stderr, status }) {
    const error =
      status === 0
        ? this.#difference(title, stdout)
        : `${title} ended with status ${status}: ${stderr.trim().split('\n').at(-1)}`;
    if (error === undefined && name !== 'm4lab' && this.samples.get(name).length === 0)
      this.#first(title, stdout);
    if (error !== undefined && !this.errors.includes(error)) this.errors.push(error);
    return error === undefined;
  }

  #difference(title, stdout) {
    const printed = comparable(stdout);
    if (this.expected === undefined || printed === this.expected.text) return undefined;
    return `${title} printed '${printed}', but ${this.expected.title} '${this.expected.text}'`;
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
