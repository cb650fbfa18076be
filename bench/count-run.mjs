/**
 * Runs one ELF of the benchmark on m4lab through the library, in a process of its own, and prints what the
 * command line does not tell as JSON: node bench/count-run.mjs program.elf repeat. Instructions and cycles
 * are exact; `translationMs` is the time spent on translating, null where the machine does not say.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { loadElf, Machine, parseMcuProfile } from '../dist/emulator/index.js';

const [path, repeat] = process.argv.slice(2);
const mcu = 'mps2-an386.json';
const profile = parseMcuProfile(
  JSON.parse(readFileSync(new URL(`../profiles/mcu/${mcu}`, import.meta.url))),
  mcu,
);
let console = '';
const machine = new Machine(profile, {
  commandLine: `${basename(path)} ${repeat}`,
  console: (text) => {
    console += text;
  },
});
machine.load(loadElf(readFileSync(path), path));
const start = performance.now();
const stop = machine.run();
const seconds = (performance.now() - start) / 1000;
const translator = machine.translator ?? machine.core?.translator;
const translationMs = translator?.milliseconds ?? null;
const { instructions, cycles } = machine;
process.stdout.write(JSON.stringify({ stop, instructions, cycles, seconds, translationMs, console }));
