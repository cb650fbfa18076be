/**
 * How fast the interpreter is on this host: million guest instructions a second over the shipped training
 * program, the best of a few runs. After `npm run build`: node bench/interpreter-speed.mjs [runs] Exits
 * with 1 below the bar of 20. No test runs this: a busy host would fail it.
 */
import { readFileSync } from 'node:fs';
import { loadElf, Machine, parseMcuProfile } from '../dist/emulator/index.js';

const BAR = 20;
const file = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

const profile = parseMcuProfile(JSON.parse(file('profiles/mcu/stm32l496zg.json')), 'stm32l496zg.json');
const elf = loadElf(file('firmware/prebuilt/stm32l496zg/train_once.elf'), 'train_once.elf');
const runs = Number(process.argv[2] ?? 3);

let best = 0;
for (let run = 1; run <= runs; run++) {
  const machine = new Machine(profile, { translate: false });
  machine.load(elf);
  const start = process.hrtime.bigint();
  const stop = machine.run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (stop.reason !== 'exit' || stop.code !== 0)
    throw new Error(`train_once ended with ${JSON.stringify(stop)}`);
  const speed = machine.instructions / seconds / 1e6;
  best = Math.max(best, speed);
  console.log(
    `run ${run}: ${machine.instructions} instructions, ${machine.cycles} cycles, ${speed.toFixed(1)} M/s`,
  );
}
console.log(`best: ${best.toFixed(1)} million instructions a second (bar: ${BAR})`);
if (best < BAR) process.exitCode = 1;
