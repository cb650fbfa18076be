/**
 * A thousand machines in one process, each with hot code: what is forgotten is given back, translations
 * among it. `npm test` builds dist/ first.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../../../witness/tool.js';
import { guest } from '../guest-machine.js';
import { smallMcu } from './twins.js';

const here = import.meta.dirname;
const INSTRUCTIONS = 30_000;
const MB = 2 ** 20;

/** A loop with a call, memory and FP, that ends when nobody waits for it any more. */
const SOURCE = `
main:
  poke 0xe000ed88, 0x00f00000
  ldr r4, =out
  vmov.f32 s0, #1.0
again:
  ldr r0, [r4]
  bl mix_code
  str r0, [r4]
  vadd.f32 s1, s1, s0
  tst r0, #1
  it ne
  addne r7, #1
  b again
mix_code:
  add r0, r0, r0, lsl #3
  adds r0, #7
  bx lr
  .ltorg
`;

interface Held {
  readonly machines: number;
  readonly cycles: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** The profile of smallMcu() as the file that it would be. */
function profileFile(): string {
  const path = join(scratchFolder(), 'small.json');
  const shipped = join(here, '../../../../profiles/mcu/stm32l496zg.json');
  const json = JSON.parse(readFileSync(shipped, 'utf8'));
  const sizes = new Map(smallMcu().memory.map(({ name, size }) => [name, `0x${size.toString(16)}`]));
  for (const region of json.memory) region.size = sizes.get(region.name);
  writeFileSync(path, JSON.stringify(json));
  return path;
}

function heldAfter(counts: readonly number[]): Held[] {
  const script = join(here, 'many-machines.mjs');
  const args = ['--expose-gc', script, guest(SOURCE).path, profileFile(), INSTRUCTIONS, ...counts].map(
    String,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 100_000,
  });
  if (status !== 0) throw new Error(`the process with the machines ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

it('a thousand machines hold what a hundred do', () => {
  const [some, many] = heldAfter([100, 1000]) as [Held, Held];
  expect(many.machines).toBe(1000);
  expect(many.cycles).toBe(10 * some.cycles);
  expect(some.cycles).toBeGreaterThan(100 * INSTRUCTIONS);
  // A machine's memory alone is 0.2 MB, so that one in twenty kept would be seen.
  expect(many.external - some.external).toBeLessThan(4 * MB);
  expect(many.heapUsed - some.heapUsed).toBeLessThan(8 * MB);
  expect(many.rss).toBeLessThan(1.3 * some.rss + 16 * MB);
});
