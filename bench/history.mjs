/**
 * history.jsonl: one line a commit and processor with its ratios, and what became slower since. Ratios are of
 * one host's two runs, so they hold where the processor's model is the same.
 */

/** A ratio that is lower than the best earlier one by more than this is named. */
const TOLERANCE = 0.1;

const round = (value) => (value === undefined ? null : Number(value.toPrecision(4)));

/** The line of one recorded run. */
export function historyEntry({ machine, rows, figures, all, hello, bars, runs, complete, doubts, newer }) {
  const ratios = rows.map((row, k) => [row.name, round(figures[k]?.qemu)]);
  const speeds = rows.map((row, k) => [row.name, round(figures[k]?.mips)]);
  const { date, commit, cpu, cores, node, qemu } = machine;
  return {
    ...{ date, commit, cpu, cores, node, qemu, runs },
    geometricMean: complete ? round(all?.mean) : null,
    worst: complete ? round(all?.worst) : null,
    ratios: Object.fromEntries(ratios),
    mips: Object.fromEntries(speeds),
    hello: { seconds: round(hello.times.m4lab?.wall), peakMb: round(hello.times.m4lab?.peakMb) },
    newerNode: { version: machine.newerNode ?? null, geometricMean: round(newer?.all?.mean) },
    busy: doubts.length > 0,
    barsMissed: bars.filter(({ met }) => met === false).map(({ what, unit }) => `${what}, ${unit}`),
  };
}

export function parseHistory(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The history with this line; an earlier one of the same commit and processor goes. */
export function withEntry(history, entry) {
  const same = ({ commit, cpu }) => commit === entry.commit && cpu === entry.cpu;
  return [...history.filter((line) => !same(line)), entry];
}

export const historyText = (history) => history.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A sentence for each ratio that is more than a tenth below the best earlier one on this processor. */
export function findSlower(history, entry) {
  const earlier = history.filter(({ commit, cpu }) => cpu === entry.cpu && commit !== entry.commit);
  const series = [
    ['geometric mean', (line) => line.geometricMean],
    ...Object.keys(entry.ratios).map((name) => [name, (line) => line.ratios[name]]),
  ];
  return series.flatMap(([name, ratioOf]) => {
    const known = earlier.filter((line) => typeof ratioOf(line) === 'number');
    const now = ratioOf(entry);
    if (known.length === 0 || typeof now !== 'number') return [];
    const best = known.reduce((high, line) => (ratioOf(line) > ratioOf(high) ? line : high));
    if (now >= ratioOf(best) * (1 - TOLERANCE)) return [];
    const was = `${ratioOf(best)} x QEMU at ${best.commit} (${best.date})`;
    return [`${name}: ${now} x QEMU, was ${was}, ${Math.round((1 - now / ratioOf(best)) * 100)} % less`];
  });
}
