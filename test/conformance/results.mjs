/** Sections of RESULTS.md: how a stage's figures are written, and put in the place of the last ones. */

const mark = (name) => [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
const number = (value) => value.toLocaleString('en-US');

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, k) => (k === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const LEVELS = ['-O0', '-O2', '-Os'];
const OUTCOMES = ['passed', 'failed alike', 'explained', 'different', 'not run'];

/** `name -O0 -O2` of programs with one detail, most frequent detail first. */
function byDetail(results) {
  const details = group(results);
  return [...details].sort(([, a], [, b]) => b.length - a.length);
}

function group(results) {
  const groups = new Map();
  for (const result of results) groups.set(result.detail, [...(groups.get(result.detail) ?? []), result]);
  return groups;
}

function names(results) {
  const levels = new Map();
  for (const { name, level } of results) levels.set(name, [...(levels.get(name) ?? []), level]);
  return [...levels]
    .map(([name, at]) => (at.length === LEVELS.length ? `\`${name}\`` : `\`${name}\` (${at.join(', ')})`))
    .join(', ');
}

function tortureTables(results) {
  const count = (outcome, level) =>
    number(results.filter((result) => result.outcome === outcome && result.level === level).length);
  const totals = LEVELS.map((level) => number(results.filter((result) => result.level === level).length));
  const rows = OUTCOMES.map((outcome) => [outcome, ...LEVELS.map((level) => count(outcome, level))]);
  const parts = [table(['', ...LEVELS], [...rows, ['programs', ...totals]])];
  const instructions = results.reduce((sum, result) => sum + result.instructions, 0);
  parts.push(`${number(instructions)} guest instructions on m4lab.`);
  const titles = {
    'not run': 'Not run',
    'failed alike': 'Failed on both alike',
    explained: 'Different, and why',
    different: 'Different, not explained',
  };
  for (const [outcome, title] of Object.entries(titles)) {
    const those = results.filter((result) => result.outcome === outcome);
    if (those.length === 0) continue;
    const lines = byDetail(those).map(([detail, all]) => `- ${detail} (${all.length}): ${names(all)}`);
    parts.push(`### ${title}\n\n${lines.join('\n')}`);
  }
  return parts.join('\n\n');
}

/** The section's text, its marks included. */
export function sectionOf({ name, title, what }, { ok, passed, failed, seconds, figures, torture }) {
  const [begin, end] = mark(name);
  const tests = `${passed} tests passed, ${failed} failed`;
  const verdict = `**${ok ? 'Passed' : 'FAILED'}**: ${tests}, in ${seconds} s.`;
  const counted = Object.entries(figures).map(([figure, value]) => [figure, number(value)]);
  const parts = [begin, `## ${title}`, what, `${verdict} \`npm run conformance -- ${name}\``];
  if (counted.length > 0) parts.push(table(['counted', ''], counted));
  if (torture.length > 0) parts.push(tortureTables(torture));
  return [...parts, end].join('\n\n');
}

/** The text of RESULTS.md with this section in its place, or at the end when it had none. */
export function renewSection(text, { name }, section) {
  const [begin, end] = mark(name);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) return `${text.trimEnd()}\n\n${section}\n`;
  return text.slice(0, from) + section + text.slice(to + end.length);
}
