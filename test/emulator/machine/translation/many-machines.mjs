/**
 * Makes machines, one after another, each of which runs a hot program and is then forgotten. Writes what the
 * process holds after some of them, as JSON. For Node with --expose-gc, after a build.
 * Arguments: the ELF, a profile, how many instructions each runs, and the numbers of machines to look after.
 */
import { readFileSync } from 'node:fs';
import { loadElf, Machine, parseMcuProfile } from 'm4lab';

const [elfPath, profilePath, instructions, ...counts] = process.argv.slice(2);
const elf = loadElf(readFileSync(elfPath), elfPath);
const profile = parseMcuProfile(JSON.parse(readFileSync(profilePath, 'utf8')), profilePath);

/** Kept, so that the machines' work is not for nothing. */
let cycles = 0;

function runOne() {
  const machine = new Machine(profile);
  machine.load(elf);
  machine.run({ maxInstructions: Number(instructions) });
  cycles += machine.cycles;
}

/** Bytes of the process, once everything that can be freed is: that takes a turn of the event loop. */
async function held() {
  for (let k = 0; k < 4; k++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers };
}

const told = [];
let made = 0;
for (const count of counts.map(Number)) {
  for (; made < count; made++) runOne();
  told.push({ machines: made, cycles, ...(await held()) });
}
process.stdout.write(JSON.stringify(told));
