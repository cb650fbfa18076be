/**
 * `npm run bench`: the same ELFs on m4lab, QEMU, Unicorn and, built from the same sources, on the host
 * itself, in turn. Prints tables and bars; a full run renews RESULTS.md and adds a line to history.jsonl. Exits with
 * 1 when results differ or a bar is missed, with 2 for a wrong option or a missing compiler.
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

/** Programs and rows that were asked for. */
function chosen({ only, quick }) {
  const programs = PROGRAMS.filter(({ name }) => only.length === 0 || only.includes(name));
  return programs.map((program) => ({ program, rows: program.rows.filter((row) => !(quick && row.long)) }));
}

const growthWanted = ({ only, quick }) => !quick && (only.length === 0 || only.includes(GROWTH.program));

function measureAll(options, folder) {
  const tools = buildTools(folder);
  const flags = cpuFlags();
  const build = (program) => ({ program, built: buildProgram(program, folder, flags) });
  progress('building');
  const hello = build(HELLO);
  const selection = chosen(options).map(({ program, rows }) => ({ ...build(program), rows }));
  const platforms = findPlatforms(hello.built, tools);
  for (const { title, reason } of platforms)
    if (reason !== undefined) progress(`without ${title}: ${reason}`);
  const { stopwatch } = tools;
  const measure = (work, what, among = platforms) =>
    measureRow({ ...what, work, platforms: among, stopwatch, runs: options.runs }, progress);
  for (const platform of platforms.filter((each) => applies(each, hello.program, hello.built))) {
    // The first run of all reads files from the disk.
    timeProcess(stopwatch, platform.command(hello.built, 1));
  }
  const start = measure(HELLO.rows[0], hello);
  const rows = selection.flatMap((what) => what.rows.map((work) => measure(work, what)));
  const growing = growthWanted(options)
    ? selection.find(({ program }) => program.name === GROWTH.program)
    : undefined;
  const pair = platforms.filter(({ name, every }) => name !== 'native' && every);
  const growth =
    growing === undefined ? [] : GROWTH.times.map((times) => measure(growthWork(times), growing, pair));
  return { hello: start, rows, growth, platforms };
}

const growthWork = (times) => ({
  name: `${GROWTH.program}-${times}x`,
  work: `${GROWTH.program} ${times}x`,
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
    const results = resultsOf(measureAll(options, folder), options);
    const errors = print(results);
    warn(results);
    if (options.record && errors.length === 0) record(results);
    else say('nothing recorded');
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
