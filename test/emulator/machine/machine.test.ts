/** Running, stopping, sleeping, measuring: what holds of a machine whatever the program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElf, Machine } from '../../../emulator/index.js';
import { type ElfSpec, elfFile, plainSegment } from '../elf/elf-file.js';
import { guest, profileOf, STACK_TOP } from './guest-machine.js';

const prebuilt = join(import.meta.dirname, '..', '..', '..', 'firmware', 'prebuilt', 'stm32l496zg');

function shipped(name: string): { machine: Machine; console: () => string } {
  let printed = '';
  const machine = new Machine(profileOf('stm32l496zg'), {
    console: (text) => {
      printed += text;
    },
  });
  machine.load(loadElf(readFileSync(join(prebuilt, `${name}.elf`)), name));
  return { machine, console: () => printed };
}

const stateOf = (machine: Machine) => ({
  registers: Array.from({ length: 16 }, (_, n) => machine.register(n)),
  xpsr: machine.xpsr,
  cycles: machine.cycles,
  instructions: machine.instructions,
  stacks: machine.stacks(),
  ram: Buffer.from(machine.readBytes(0x20000000, 320 * 1024)).toString('base64'),
});

describe('a run', () => {
  it('is the same twice, cycle for cycle and byte for byte', () => {
    const [a, b] = [shipped('ticks'), shipped('ticks')];
    expect(a.machine.run()).toEqual(b.machine.run());
    expect(stateOf(a.machine)).toEqual(stateOf(b.machine));
    expect(a.console()).toBe(b.console());
    expect(a.machine.instructions).toBeGreaterThan(50_000);
  });

  it('is the same in pieces as in one, interrupts included', () => {
    const [whole, pieces] = [shipped('ticks'), shipped('ticks')];
    const end = whole.machine.run();
    let stop = pieces.machine.run({ maxCycles: 97 });
    for (let n = 2; stop.reason === 'limit'; n++) {
      stop =
        n % 2 === 0
          ? pieces.machine.run({ maxInstructions: pieces.machine.instructions + 61 })
          : pieces.machine.run({ maxCycles: pieces.machine.cycles + 97 });
    }
    expect(stop).toEqual(end);
    expect(stateOf(pieces.machine)).toEqual(stateOf(whole.machine));
    expect(pieces.console()).toBe(whole.console());
  });

  it('starts anew after reset, but for memory', () => {
    const { machine, console } = shipped('ticks');
    machine.run();
    const first = { cycles: machine.cycles, instructions: machine.instructions, stacks: machine.stacks() };
    machine.reset();
    expect([machine.cycles, machine.instructions, machine.register(13)]).toEqual([0, 0, 0x20050000]);
    machine.run();
    expect({ cycles: machine.cycles, instructions: machine.instructions, stacks: machine.stacks() }).toEqual(
      first,
    );
    const half = console().length / 2;
    expect(console().slice(half)).toBe(console().slice(0, half));
  });

  it('stops at exactly maxInstructions, and at or just after maxCycles', () => {
    const { machine } = shipped('ticks');
    for (const n of [1, 2, 3, 1000, 20_001]) {
      expect(machine.run({ maxInstructions: n })).toEqual({ reason: 'limit', limit: 'instructions' });
      expect(machine.instructions).toBe(n);
    }
    const { cycles } = machine;
    expect(machine.run({ maxCycles: cycles + 1000 })).toEqual({ reason: 'limit', limit: 'cycles' });
    expect(machine.cycles - cycles).toBeGreaterThanOrEqual(1000);
    expect(machine.cycles - cycles).toBeLessThan(1000 + 40);
    expect(machine.run({ maxCycles: 5 })).toEqual({ reason: 'limit', limit: 'cycles' });
    expect(machine.run({ maxInstructions: 5 })).toEqual({ reason: 'limit', limit: 'instructions' });
  });
});

describe('addresses', () => {
  const loop = `
main:
  movs r4, #0
again:
  adds r4, #1
  cmp r4, #5
  bne again
here:
  b report
`;

  it('stop before their instruction, each time it is reached, and let it run when the run goes on', () => {
    const { machine, address } = guest(loop);
    const at = address('again');
    const values = Array.from({ length: 5 }, () => {
      expect(machine.run({ addresses: [at + 1] })).toEqual({ reason: 'address', address: at });
      return machine.register(4);
    });
    expect(values).toEqual([0, 1, 2, 3, 4]);
    expect(machine.run({ addresses: [at, address('here')] })).toEqual({
      reason: 'address',
      address: address('here'),
    });
    expect(machine.run().reason).toBe('exit');
  });

  it('cost nothing: cycles and instructions are as without', () => {
    const [plain, stopped] = [guest(loop), guest(loop)];
    plain.machine.run();
    const addresses = [stopped.address('again')];
    while (stopped.machine.run({ addresses }).reason === 'address');
    expect(stopped.machine.cycles).toBe(plain.machine.cycles);
    expect(stopped.machine.instructions).toBe(plain.machine.instructions);
  });

  it('stop once for one arrival, though an interrupt comes before the instruction', () => {
    const { machine, address } = guest(`
main:
  poke 0xe000e100, 1
  movs r4, #0
again:
  adds r4, #1
  b again
IRQ0_Handler:
  bx lr
`);
    const at = address('again');
    machine.run({ addresses: [at] });
    machine.core.exceptions.pending[16] = 1;
    expect(machine.run({ addresses: [at] })).toEqual({ reason: 'address', address: at });
    expect(machine.register(4)).toBe(1);
  });
});

describe('sleep', () => {
  const sleeper = (instruction: string, csr: number, more = '') => `
main:
${more}
  poke 0xe000e014, 9999
  poke 0xe000e018, 0
  poke 0xe000e010, ${csr}
  movs r4, #0
asleep:
  ${instruction}
awake:
  adds r4, #1
  cmp r4, #3
  bne asleep
  b report
SysTick_Handler:
  bx lr
`;

  it('skips to the next interrupt: cycles pass, instructions do not', () => {
    const { machine } = guest(sleeper('wfi', 7));
    expect(machine.run().reason).toBe('exit');
    expect(machine.cycles).toBeGreaterThan(30_000);
    expect(machine.cycles).toBeLessThan(30_300);
    expect(machine.instructions).toBeLessThan(100);
  });

  it('ends by an interrupt that PRIMASK holds back, which then stays pending', () => {
    const { machine, address } = guest(sleeper('wfi', 7, '  cpsid i'));
    expect(machine.run({ addresses: [address('awake')] }).reason).toBe('address');
    expect(machine.cycles).toBeGreaterThan(9_999);
    expect(machine.core.exceptions.pending[15]).toBe(1);
    expect(machine.register(15)).toBe(address('awake'));
  });

  it('lasts to a limit and beyond, as if there had been none', () => {
    const [whole, cut] = [guest(sleeper('wfi', 7)), guest(sleeper('wfi', 7))];
    whole.machine.run();
    for (let cycles = 1000; cut.machine.run({ maxCycles: cycles }).reason === 'limit'; cycles += 1000) {
      expect(cut.machine.cycles).toBeLessThan(cycles + 30);
    }
    expect(cut.machine.cycles).toBe(whole.machine.cycles);
    expect(cut.machine.instructions).toBe(whole.machine.instructions);
  });

  it.each([
    ['nothing is switched on', 'wfi', 0, ''],
    ['the timer does not interrupt', 'wfi', 5, ''],
    ['BASEPRI masks it', 'wfi', 7, '  poke 0xe000ed20, 0x80000000\n  movs r0, #0x40\n  msr basepri, r0'],
    ['PRIMASK masks it, for WFE', 'wfe', 7, '  cpsid i'],
  ])('is idle when nothing can end it: %s', (_name, instruction, csr, more) => {
    const { machine, address } = guest(sleeper(instruction, csr, more));
    expect(machine.run()).toMatchObject({ reason: 'idle', pc: address('asleep') });
    expect(machine.run({ maxCycles: machine.cycles + 10 })).toMatchObject({ reason: 'idle' });
  });

  it('WFE passes once by SEV, and after an exception', () => {
    const { machine, address } = guest(`
main:
  sev
  wfe
  svc 1
  wfe
asleep:
  wfe
SVC_Handler:
  bx lr
`);
    expect(machine.run()).toMatchObject({ reason: 'idle', pc: address('asleep') });
  });
});

describe('the peak of a stack', () => {
  it('counts pushes, room and frames to the byte', () => {
    const { machine, address } = guest(`
main:
  push {r4-r7, lr}
  sub sp, #100
  mov r4, sp
  sub r5, r4, #64
  mov sp, r5
  svc 1
  mov sp, r4
done:
  add sp, #100
  pop {r4-r7, lr}
  b report
SVC_Handler:
  push {r4, r5}
  pop {r4, r5}
  bx lr
`);
    machine.run({ addresses: [address('done')] });
    // 20 + 100 + 64, aligned to 8 by the frame of 32, and two registers.
    expect(machine.stacks()).toEqual([{ name: 'main', peakBytes: 184 + 32 + 8 }]);
    machine.run();
    expect(machine.stacks()).toEqual([{ name: 'main', peakBytes: 184 + 32 + 8 }]);
  });

  it('counts the padding that aligns a frame, and the FP frame', () => {
    const { machine } = guest(`
main:
  poke 0xe000ed88, 0x00f00000
  vmov.f32 s0, #1.0
  push {r4}
  svc 1
  pop {r4}
  b report
SVC_Handler:
  bx lr
`);
    machine.run();
    expect(machine.stacks()).toEqual([{ name: 'main', peakBytes: 4 + 4 + 104 }]);
  });

  it('counts main and process stack apart', () => {
    const { machine } = guest(`
main:
  push {r4, r5}
  ldr r0, =0x20004000
  msr psp, r0
  movs r0, #2
  msr control, r0
  isb
  push {r4-r7}
  svc 1
  b report
SVC_Handler:
  push {r4-r9}
  pop {r4-r9}
  bx lr
`);
    machine.run();
    expect(machine.stacks()).toEqual([
      { name: 'main', peakBytes: 8 + 24 },
      { name: 'process', peakBytes: 16 + 32 },
    ]);
  });

  it('is that of C: a function that takes a variable array', () => {
    const { machine } = guest(
      '\nmain:\n  movs r0, #48\n  sub sp, r0\n  sub sp, #8\n  add sp, #56\n  b report\n',
    );
    machine.run();
    expect(machine.stacks()).toEqual([{ name: 'main', peakBytes: 56 }]);
    expect(machine.register(13)).toBe(STACK_TOP);
  });
});

describe('memory', () => {
  it('is shared by its aliases', () => {
    const { machine } = guest(`
main:
  ldr r0, =0x20040000
  ldr r1, =0x12345678
  str r1, [r0, #16]
  ldr r2, =0x10000000
  ldr r3, [r2, #16]
  ldr r2, =0x00000004
  ldr r4, [r2]
here: b .
`);
    machine.run({ maxInstructions: 9 });
    expect(machine.register(3)).toBe(0x12345678);
    expect(machine.readWord(0x10000010)).toBe(0x12345678);
    expect(machine.register(4)).toBe(machine.readWord(0x08000004));
  });

  it('is one block over SRAM1 and SRAM2, an unaligned word on the border included', () => {
    const { machine } = guest(`
main:
  ldr r0, =0x2003fffe
  ldr r1, =0xa1b2c3d4
  str r1, [r0]
  ldr r2, [r0]
here: b .
`);
    machine.run({ maxInstructions: 7 });
    expect(machine.register(2)).toBe(0xa1b2c3d4);
    expect([...machine.readBytes(0x2003fffe, 4)]).toEqual([0xd4, 0xc3, 0xb2, 0xa1]);
    expect([...machine.readBytes(0x10000000, 2)]).toEqual([0xb2, 0xa1]);
  });

  it('runs code that the program wrote, and code that the host wrote over it', () => {
    const { machine } = guest(`
main:
  ldr r4, =0x20006000
  ldr r5, =0x47702001
  str r5, [r4]
  orr r6, r4, #1
  blx r6
  ldr r5, =0x47702002
  mov r7, r0
  str r5, [r4]
  blx r6
here: b .
`);
    machine.run({ maxInstructions: 16 });
    expect([machine.register(7), machine.register(0)]).toEqual([1, 2]);
    const flash = guest('\nmain:\n  movs r4, #1\n  b main\n');
    flash.machine.run({ maxInstructions: 20 });
    flash.machine.writeBytes(flash.address('main'), Uint8Array.of(7));
    flash.machine.run({ maxInstructions: 30 });
    expect(flash.machine.register(4)).toBe(7);
  });

  it('refuses, with a clear error, an address that is no memory and an ELF that does not fit', () => {
    const { machine } = guest('\nmain: b .\n');
    expect(() => machine.readBytes(0x30000000, 4)).toThrow(
      /^4 bytes at 0x30000000 do not lie in the memory of stm32/,
    );
    expect(() => machine.writeWord(0x2004fffe, 0)).toThrow(/^4 bytes at 0x2004fffe do not lie/);
    const spec: ElfSpec = { segments: [{ ...plainSegment, physical: 0x60000000 }] };
    const elf = loadElf(elfFile(spec), 'far.elf');
    expect(() => machine.load(elf)).toThrow(
      /^far\.elf: the segment at 0x60000000, 12 bytes long, does not lie/,
    );
  });

  it('gives a bus fault for a store to flash', () => {
    const { machine } = guest('\nmain:\n  ldr r0, =0x08000000\nculprit: str r0, [r0]\n');
    expect(machine.run()).toMatchObject({
      reason: 'fault',
      text: expect.stringMatching(/^BusFault: write of 4 bytes at 0x08000000, by 0x0800/),
    });
  });
});
