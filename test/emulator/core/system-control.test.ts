/** The system control block and the NVIC as a program sees them (DDI 0403, B3.2, B3.4). */
import { describe, expect, it } from 'vitest';
import { agreedWords, guest, wordsOf } from '../machine/guest-machine.js';

describe('system registers', () => {
  it('identify the core', () => {
    const source =
      '\nmain:\n  peek 0xe000ed00\n  peek 0xe000e004\n  peek 0xe000ef40\n  peek 0xe000ef44\n  b report\n';
    expect(wordsOf(source)).toEqual([0x410fc241, 2, 0x10110021, 0x11000011]);
    expect(agreedWords(source)).toEqual([0x410fc240, 0, 0x10110021, 0x11000011]);
  });

  // Exception 13 is reserved: its byte of SHPR3 stays zero.
  it('take priorities by byte and by word, and leave the others', () => {
    const words = agreedWords(`
main:
  poke 0xe000ed20, 0x40302010
  ldr r2, =0xe000ed20
  movs r3, #0x80
  strb r3, [r2, #2]
  peek 0xe000ed20
  poke 0xe000e404, 0x04030201
  ldr r2, =0xe000e404
  strb r3, [r2, #3]
  ldrb r4, [r2, #3]
  put r4
  peek 0xe000e404
  b report
`);
    expect(words).toEqual([0x40800010, 0x80, 0x80030201]);
  });

  it('set and clear enables and pending bits by ones', () => {
    const words = agreedWords(`
main:
  poke 0xe000e100, 0x0000000f
  poke 0xe000e180, 0x00000005
  peek 0xe000e100
  peek 0xe000e180
  poke 0xe000e180, 0xf
  poke 0xe000e200, 0x0000000c
  poke 0xe000e280, 0x00000004
  peek 0xe000e200
  peek 0xe000e280
  poke 0xe000ef00, 1
  peek 0xe000e200
  b report
`);
    expect(words).toEqual([0xa, 0xa, 8, 8, 0xa]);
  });

  it('relocate the vector table', () => {
    const words = agreedWords(`
main:
  ldr r0, =0x20004000
  ldr r1, =moved_code
  str r1, [r0, #44]
  poke 0xe000ed08, 0x20004000
  svc 1
  peek 0xe000ed08
  b report
moved_code:
  put lr
  bx lr
`);
    expect(words).toEqual([0xfffffff9, 0x20004000]);
  });

  it('pend and unpend SysTick, PendSV and NMI by ICSR', () => {
    const words = agreedWords(`
main:
  cpsid i
  poke 0xe000ed04, 0x14000000
  peek 0xe000ed04
  poke 0xe000ed04, 0x0a000000
  peek 0xe000ed04
  cpsie i
  poke 0xe000ed04, 0x80000000
  b report
NMI_Handler:
  mrs r10, ipsr
  put r10
  bx lr
`);
    expect(words).toEqual([0x1400e800, 0x800, 2]);
  });

  it('ignore AIRCR without its key', () => {
    expect(agreedWords('\nmain:\n  poke 0xe000ed0c, 0x00000700\n  peek 0xe000ed0c\n  b report\n')).toEqual([
      0xfa050000,
    ]);
  });

  it('show active exceptions in SHCSR', () => {
    const words = agreedWords('\nmain:\n  svc 1\n  b report\nSVC_Handler:\n  peek 0xe000ed24\n  bx lr\n');
    expect(words).toEqual([1 << 7]);
  });
});

describe('SYSRESETREQ', () => {
  const source = `
main:
  ldr r2, =0x20006000
  ldr r3, [r2]
  adds r3, #1
  str r3, [r2]
  peek 0xe000ed14
  peek 0xe000e010
  cmp r3, #3
  beq report
  poke 0xe000ed14, 0x00000318
  poke 0xe000e014, 0x100
  poke 0xe000e010, 5
  push {r0-r7}
  cpsid i
  poke 0xe000ed0c, 0x05fa0004
1: b 1b
`;

  it('starts the program anew; memory, time and the peak of the stack stay', () => {
    const { machine, console } = guest(source);
    expect(machine.run({ maxCycles: 10_000 })).toMatchObject({ reason: 'exit' });
    expect(console()).toBe('00000200\n00000000\n');
    expect(machine.stacks()).toEqual([{ name: 'main', peakBytes: 32 }]);
  });

  it('does not hide a program that resets for ever from a limit', () => {
    const { machine } = guest('\nmain:\n  poke 0xe000ed0c, 0x05fa0004\n1: b 1b\n');
    expect(machine.run({ maxCycles: 10_000 })).toEqual({ reason: 'limit', limit: 'cycles' });
  });
});

describe('a register that is not modelled is noted, reads 0, and the program goes on', () => {
  const cases: readonly [string, string, object][] = [
    [
      'a register of the SCS',
      'ldr r0, =0xe000edcc\nculprit: ldr r1, [r0]',
      { name: 'SCS+0xdcc', address: 0xe000edcc, access: 'read' },
    ],
    [
      'a peripheral',
      'ldr r0, =0x40013000\nculprit: str r1, [r0]',
      { name: '0x40013000', address: 0x40013000, access: 'write' },
    ],
    [
      'a byte of a word register',
      'ldr r0, =0xe000e010\nculprit: ldrb r1, [r0]',
      { name: 'SCS+0x10', address: 0xe000e010, access: 'read' },
    ],
  ];

  it.each(cases)('%s', (_name, code, access) => {
    const { machine, address } = guest(`\nmain:\n  movs r1, #7\n  ${code}\n  put r1\n  b report\n`);
    expect(machine.run({ maxCycles: 100_000 })).toEqual({ reason: 'exit', code: 0 });
    expect(machine.unmodelled()).toEqual([{ ...access, pc: address('culprit'), count: 1 }]);
  });
});

describe('what is not modelled at all stops the run, with address and pc', () => {
  const cases: readonly [string, string, RegExp][] = [
    ['an unaligned word', 'ldr r0, =0xe000e012\nculprit: ldr r1, [r0]', /SCS 0xe000e012 \(4 bytes\)/],
  ];

  it.each(cases)('%s', (_name, code, text) => {
    const { machine, address } = guest(`\nmain:\n  ${code}\n`);
    const pc = address('culprit');
    expect(machine.run()).toMatchObject({ reason: 'unmodelled', pc, text: expect.stringMatching(text) });
    expect(machine.register(15)).toBe(pc);
  });
});
