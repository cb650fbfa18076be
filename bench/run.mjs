/**
 * `npm run bench`: the same ELFs on m4lab, QEMU, Unicorn and, built from the same sources, on the host
 * itself, in turn. Prints tables and bars; a full run renews RESULTS.md and adds a line to history.jsonl.
 * Exits with 1 when results differ or a bar is missed, with 2 for a wrong option or a missing compiler.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram, buildTools, MissingTool, requireCompilers } from './build-programs.mjs';
import { evaluate } from './figures.mjs';
import { findSlower, historyEntry, historyText, parseHistory, withEntry } from './history.mjs';
import { cpuFlags, describeMachine } from './machine-description.mjs';
import { measureRow } from './measure.mjs';
import { parseOptions, USAGE, UsageError } from './options.mjs';
import { applies, findPlatforms } from './platforms.mjs';
import { timeProcess } from './process-time.mjs';
import { GROWTH, HELLO, PROGRAMS } from './programs.mjs';
import { resultsText } from './results-text.mjs';
import { barsTable, growthTable, SPEED_LEGEND, speedTable, startUpTable, timesTable } from './tables.mjs';

const inBench = (file) => fileURLToPath(new URL(file, import.meta.url));
const [RESULTS, HISTORY] = [inBench('RESULTS.md'), inBench('history.jsonl')];

const say = (text) => process.stdout.write(`${text}\n`);
const progress = (text) => process.stderr.write(`bench: ${text}\n`);

/** Everything that is measured, built; the rows that were asked for; and on what they can run. */
function prepare({ only, quick }, folder) {
  progress('building');
  const tools = buildTools(folder);
  const flags = cpuFlags();
  const build = (program) => ({ program, built: buildProgram(program, folder, flags) });
  const hello = build(HELLO);
  const selection = PROGRAMS.filter(({ name }) => only.length === 0 || only.includes(name)).map(
    (program) => ({
      ...build(program),
      rows: program.rows.filter((row) => !(quick && row.long)),
    }),
  );
  const growing = quick ? undefined : selection.find(({ program }) => program.name === GROWTH.program);
  const platforms = findPlatforms(hello.built, tools);
  for (const { title, reason } of platforms) {
    if (reason !== undefined) progress(`without ${title}: ${reason}`);
  }
  return { ...tools, hello, selection, growing, platforms };
}

/** The very first run of a program reads its files from the disk. */
function warmUp({ stopwatch, platforms, hello: { program, built } }) {
  const present = platforms.filter((platform) => applies(platform, program, built));
  for (const { command } of present) timeProcess(stopwatch, command(built, 1));
}

function measureAll({ stopwatch, platforms, hello, selection, growing }, runs) {
  const measure = (work, what, on = platforms) =>
    measureRow({ ...what, work, platforms: on, stopwatch, runs }, progress);
  const start = measure(HELLO.rows[0], hello);
  const rows = selection.flatMap((what) => what.rows.map((work) => measure(work, what)));
  const pair = platforms.filter(({ name }) => name === 'm4lab' || name === 'qemu');
  // QEMU's growth is beside the point: as often as its time allows.
  const on = pair.map((platform) => ({ ...platform, every: platform.name === 'm4lab' }));
  const steps = growing === undefined ? [] : GROWTH.times.map(growthWork);
  return { hello: start, rows, growth: steps.map((work) => measure(work, growing, on)), platforms };
}

const growthWork = (times) => ({
  name: `${GROWTH.program}-${times}x`,
  work: `${times}x`,
  repeat: GROWTH.repeat * times,
});

function resultsOf(measured, { runs, complete }) {
  return { ...evaluate({ ...measured, complete }), runs, machine: describeMachine(measured.platforms) };
}

function print(results) {
  const { hello, rows, growth, bars } = results;
  say(`\n${speedTable(results)}\n\n${SPEED_LEGEND}\n`);
  say(`${timesTable(results)}\n\n${startUpTable(results)}\n`);
  if (growth.length > 0) say(`${growthTable(results)}\n`);
  for (const row of rows) for (const note of row.notes) say(`note: ${row.name}, ${note}`);
  say(`\n${barsTable(bars)}\n`);
  const errors = [hello, ...rows, ...growth].flatMap((row) => row.errors);
  for (const error of errors) say(`ERROR ${error}`);
  return errors;
}

function record(results) {
  const history = existsSync(HISTORY) ? parseHistory(readFileSync(HISTORY, 'utf8')) : [];
  const entry = historyEntry(results);
  const slower = findSlower(history, entry);
  writeFileSync(RESULTS, resultsText(results, slower));
  writeFileSync(HISTORY, historyText(withEntry(history, entry)));
  say('recorded in bench/RESULTS.md and bench/history.jsonl');
}

function warn(results) {
  for (const doubt of results.doubts) say(`WARNING ${doubt}`);
  if (!existsSync(HISTORY)) return;
  const slower = findSlower(parseHistory(readFileSync(HISTORY, 'utf8')), historyEntry(results));
  for (const sentence of slower) say(`WARNING slower than before: ${sentence}`);
}

function run(options) {
  requireCompilers();
  if (!existsSync(inBench('../dist/emulator/index.js')))
    throw new MissingTool('dist/ is not there; npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'm4lab-bench-'));
  try {
    const began = Date.now();
    const prepared = prepare(options, folder);
    warmUp(prepared);
    const results = resultsOf(measureAll(prepared, options.runs), options);
    const errors = print(results);
    warn(results);
    if (!options.record) say('nothing recorded');
    else if (errors.length > 0 || results.all === undefined) {
      say('nothing recorded: that takes a run without an error, and QEMU');
    } else record(results);
    say(`took ${Math.round((Date.now() - began) / 1000)} s`);
    return errors.length > 0 || results.bars.some(({ met }) => met === false) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const options = parseOptions(
    process.argv.slice(2),
    PROGRAMS.map(({ name }) => name),
  );
  if (options.help) say(USAGE);
  else process.exitCode = run(options);
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof MissingTool)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 2;
}
