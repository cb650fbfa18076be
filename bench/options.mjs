/** The options of `npm run bench`, checked before anything is built. */

export const USAGE = `npm run bench -- [options]
  --quick        one run each, ten batches and growth left out; nothing is recorded
  --only <name>  this program alone, may be given again; nothing is recorded
  --runs <n>     runs of m4lab, QEMU and native, 1 to 99 (5)
  --no-record    leave RESULTS.md and history.jsonl as they are
  --help         this text
M4LAB_NEWER_NODE=path names a newer Node's program, to run m4lab on it as well.`;

/** What was asked for wrongly; its message says what is right. */
export class UsageError extends Error {}

function argumentOf(words, option, what) {
  const value = words.shift();
  if (value === undefined) throw new UsageError(`${option} needs ${what}`);
  return value;
}

function runsOf(text) {
  if (!/^[1-9]\d?$/.test(text))
    throw new UsageError(`--runs is ${text}, must be a whole number from 1 to 99`);
  return Number(text);
}

/**
 * @param {readonly string[]} argv
 * @param {readonly string[]} programs names that --only takes
 */
export function parseOptions(argv, programs) {
  const words = argv.flatMap((word) => {
    const [, option, value] = /^(--[a-z]+)=(.*)$/.exec(word) ?? [];
    return option === undefined ? [word] : [option, value];
  });
  const options = { quick: false, only: [], runs: undefined, record: true, help: false };
  const readers = {
    '--quick': () => ({ quick: true }),
    '--only': () => ({ only: [...options.only, argumentOf(words, '--only', 'the name of a program')] }),
    '--runs': () => ({ runs: runsOf(argumentOf(words, '--runs', 'a number')) }),
    '--no-record': () => ({ record: false }),
    '--help': () => ({ help: true }),
  };
  while (words.length > 0) {
    const word = words.shift();
    if (!Object.hasOwn(readers, word)) {
      throw new UsageError(`there is no option ${word}; the options are ${Object.keys(readers).join(', ')}`);
    }
    Object.assign(options, readers[word]());
  }
  const unknown = options.only.filter((name) => !programs.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `there is no program ${unknown.join(', ')}; the programs are ${programs.join(', ')}`,
    );
  }
  const complete = !options.quick && options.only.length === 0;
  return {
    ...options,
    runs: options.runs ?? (options.quick ? 1 : 5),
    complete,
    record: options.record && complete,
  };
}
