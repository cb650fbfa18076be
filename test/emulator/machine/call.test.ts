/** Machine.call: the guest's functions as functions of the host, held against the TypeScript reference. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf, Machine } from '../../../emulator/index.js';
import { exp } from '../../../harness/reference/elementary.js';
import { createLayer } from '../../../harness/reference/layers.js';
import { guest, profileOf } from './guest-machine.js';

const trainerPath = join(import.meta.dirname, '../../../firmware/prebuilt/stm32l496zg/trainer.elf');

/** The trainer, waiting for its host. */
function trainer() {
  const elf = loadElf(readFileSync(trainerPath), 'trainer.elf');
  const machine = new Machine(profileOf('stm32l496zg'));
  machine.load(elf);
  machine.run({ addresses: [elf.symbol('m4lab_link_wait')?.address ?? 0] });
  return { machine, elf };
}

const registers = (machine: Machine) => Array.from({ length: 16 }, (_, n) => machine.register(n));
const series = (length: number, seed: number) => Float32Array.from({ length }, (_, k) => Math.sin(seed + k));

describe('a call of the firmware', () => {
  it('gives elementary_exp to the bit, and puts the registers back', () => {
    const { machine } = trainer();
    const before = [...registers(machine), machine.xpsr];
    for (const x of [0, -0.3, -1, -12.75, -86.9, -88, 3.5].map(Math.fround)) {
      const { s0, stop, cycles, instructions } = machine.call('elementary_exp', { f32: x });
      expect({ s0, stop }).toEqual({ s0: exp(x), stop: { reason: 'returned' } });
      expect(cycles).toBeGreaterThan(instructions - 1);
    }
    expect([...registers(machine), machine.xpsr]).toEqual(before);
  });

  it('gives dense_forward to the bit, the fifth argument on the stack, arrays copied there and back', () => {
    const { machine, elf } = trainer();
    const scratch = elf.symbol('m4lab_arena')?.address ?? 0;
    for (const [inputs, units, area] of [
      [8, 4, {}],
      [64, 50, { scratch }],
    ] as const) {
      const [x, w, b] = [series(inputs, 1), series(inputs * units, 2), series(units, 3)];
      const got = new Float32Array(units);
      const wanted = new Float32Array(units);
      const described = { kind: 'dense', name: 'dense', options: { units } };
      const layer = createLayer(described, { channels: inputs, length: 1 });
      const sizes = Uint32Array.of(inputs, units);
      const { stop } = machine.call({ function: 'dense_forward', ...area }, got, x, w, b, sizes);
      layer.forward(x, Float32Array.of(...w, ...b), wanted);
      expect(stop).toEqual({ reason: 'returned' });
      expect(new Uint32Array(got.buffer)).toEqual(new Uint32Array(wanted.buffer));
    }
  });

  it('refuses what it cannot pass', () => {
    const { machine } = trainer();
    expect(() => machine.call('no_such')).toThrow(/the symbol no_such is not in the ELF/);
    expect(() => machine.call('elementary_exp', 0.5)).toThrow(/0\.5 is no integer of 32 bits/);
    expect(() => machine.call('dense_forward', new Uint8Array(40_000))).toThrow(/run into the stack/);
  });
});

const CODE = `
main: b report
sum_code:
  ldrd r12, r1, [sp]
  add r0, r3
  add r0, r12
  add r0, r1
  vadd.f32 s0, s0, s3
  vadd.f32 s0, s0, s1
  bx lr
fault_code:
  ldr r1, =0x70000000
  str r1, [r1]
  bx lr
loop_code: b loop_code
`;

describe('a call of assembly', () => {
  const started = () => {
    const made = guest(CODE);
    made.machine.run({ addresses: [made.address('main')] });
    // CPACR: the FPU on.
    made.machine.core.chip.map.store(0xe000ed88, 4, 0xf << 20);
    return made;
  };

  it('fills R0 to R3 and the stack, and S1 behind a double', () => {
    const { machine } = started();
    const floats = [{ f32: 1 }, { f64: 2 }, { f32: 4 }] as const;
    const { r0, s0 } = machine.call('sum_code', 1, 2, 3, 40, 500, -6000, ...floats);
    // S2 and S3 are the double 2.0: its high word is the float 2.
    expect({ r0, s0 }).toEqual({ r0: 1 + 40 + 500 - 6000, s0: 1 + 2 + 4 });
  });

  it('ends with a fault or a limit that has a name, and can be called again', () => {
    const { machine } = started();
    const before = [...registers(machine), machine.xpsr];
    // Were the first fault still being handled, the second would be lockup.
    for (let time = 0; time < 2; time++) {
      expect(machine.call('fault_code').stop).toMatchObject({
        reason: 'fault',
        text: expect.stringMatching(/BusFault: write of 4 bytes at 0x70000000/),
      });
    }
    expect([...registers(machine), machine.xpsr]).toEqual(before);
    expect(machine.call({ function: 'loop_code', maxCycles: 1000 }).stop).toEqual({
      reason: 'limit',
      limit: 'cycles',
    });
    expect(machine.call('sum_code', 1, 0, 0, 2, 3, 4).r0).toBe(10);
    expect(machine.run()).toEqual({ reason: 'exit', code: 0 });
  });
});
