/** RESULTS.md, made anew by each recorded run. */
import { PROGRAMS } from './programs.mjs';
import {
  barsTable,
  growthTable,
  SPEED_LEGEND,
  speedTable,
  startUpTable,
  table,
  timesTable,
} from './tables.mjs';

const DESCRIPTION = [
  ['date', 'date'],
  ['commit', 'commit'],
  ['processor', 'cpu'],
  ['cores', 'cores'],
  ['memory, GB', 'memoryGb'],
  ['kernel', 'kernel'],
  ['Node', 'node'],
  ['V8', 'v8'],
  ['newer Node', 'newerNode'],
  ['QEMU', 'qemu'],
  ['cross compiler', 'crossGcc'],
  ['host compiler', 'hostGcc'],
];

const list = (lines) => lines.map((line) => `- ${line}`).join('\n');

function rowList(rows) {
  const titles = new Map(PROGRAMS.map(({ name, title }) => [name, title]));
  return rows.map(({ name, program, work }) => `\`${name}\`: ${titles.get(program)}; ${work}`);
}

const WHY_MISSED =
  'What stands in the way of those that are missed, line by line, and what was tried: [BARS.md](BARS.md).';

export function resultsText(results, slower) {
  const { machine, rows, bars, growth, platforms, runs, doubts } = results;
  const left = platforms.filter(({ reason }) => reason !== undefined);
  const notes = [
    ...doubts,
    ...left.map(({ title, reason }) => `without ${title}: ${reason}`),
    ...rows.flatMap((row) => row.notes.map((note) => `${row.name}, ${note}`)),
    ...slower.map((sentence) => `slower than before: ${sentence}`),
  ];
  const parts = [
    '# Speed',
    `By \`npm run bench\`, ${runs} runs of each in turn. Each row printed one checksum on all platforms.`,
    table(
      ['', 'measured on'],
      DESCRIPTION.map(([what, key]) => [what, String(machine[key] ?? 'none')]),
    ),
    `## Bars\n\n${barsTable(bars)}\n\n${WHY_MISSED}`,
    `## Against QEMU, Unicorn and native code\n\n${speedTable(results)}\n\n${SPEED_LEGEND}`,
    list(rowList(rows)),
    `## Seconds\n\n${timesTable(results)}`,
    `## Start-up\n\n${startUpTable(results)}`,
    ...(growth.length > 0 ? [`## Growth with the work\n\n${growthTable(results)}`] : []),
    ...(notes.length > 0 ? [`## Notes\n\n${list(notes)}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}
