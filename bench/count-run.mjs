/**
 * Runs one ELF of the benchmark on m4lab through the library, in a process of its own, and prints what the
 * command line does not tell as JSON: node bench/count-run.mjs program.elf repeat. Instructions and cycles
 * are exact; `translationMs` is the time spent on making WebAssembly of the program, compiling it included.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { loadElf, Machine, parseMcuProfile } from '../dist/emulator/index.js';
import { Translator } from '../dist/emulator/translate/translator.js';

const [path, repeat] = process.argv.slice(2);
const mcu = 'mps2-an386.json';
const profile = parseMcuProfile(
  JSON.parse(readFileSync(new URL(`../profiles/mcu/${mcu}`, import.meta.url))),
  mcu,
);
let translationMs = 0;
const { translate } = Translator.prototype;
Translator.prototype.translate = function timed(...words) {
  const began = performance.now();
  translate.apply(this, words);
  translationMs += performance.now() - began;
};

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
const { instructions, cycles } = machine;
process.stdout.write(JSON.stringify({ stop, instructions, cycles, seconds, translationMs, console }));
