/** The console and the exit by semihosting (Arm IHI 0100), beside QEMU. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadElf, Machine, type Stop } from '../../../emulator/index.js';
import { type BuildOptions, buildElf } from '../../witness/compiler.js';
import { runQemu } from '../../witness/qemu.js';
import { guest, profileOf } from './guest-machine.js';

const CALL = `
#include <stdint.h>
static int call(int operation, const void *argument)
{
    register int r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
`;

function both(main: string, options: Pick<BuildOptions, 'libc'> = {}) {
  const path = buildElf(`${CALL}\n${main}`, { language: 'c', mcu: 'mps2-an386', ...options });
  let printed = '';
  const machine = new Machine(profileOf('mps2-an386'), {
    console: (text) => {
      printed += text;
    },
  });
  machine.load(loadElf(readFileSync(path), 'program.elf'));
  const stop: Stop = machine.run({ maxCycles: 10_000_000 });
  expect(stop).toMatchObject({ reason: 'exit' });
  const code = stop.reason === 'exit' ? stop.code : undefined;
  const qemu = runQemu(path);
  return { ours: { printed, code }, theirs: { printed: qemu.stdout, code: qemu.exitCode } };
}

describe('semihosting', () => {
  it('writes by WRITEC, WRITE0 and WRITE, and passes the status', () => {
    const { ours, theirs } = both(`
int main(void)
{
    call(3, "a");
    call(4, "bcd\\n");
    const uint32_t name[3] = {(uint32_t)(uintptr_t)":tt", 4, 3};
    const uint32_t block[3] = {(uint32_t)call(1, name), (uint32_t)(uintptr_t)"efghij", 3};
    const int left = call(5, block);
    return 40 + left + 2;
}`);
    expect(ours).toEqual({ printed: 'abcd\nefg', code: 42 });
    expect(ours).toEqual(theirs);
  });

  it('tells heap and stack to stay where the linker put them', () => {
    const { ours, theirs } = both(`
int main(void)
{
    uint32_t info[4] = {1, 2, 3, 4}, *where = info;
    int answer = call(0x16, &where);
    call(0x04, answer == 0 ? "served" : "refused");
    return 0;
}
`);
    expect(ours.printed).toBe('served');
    expect(ours).toEqual(theirs);
  });

  it('exits by SYS_EXIT with 0 or 1', () => {
    for (const [reason, code] of [
      [0x20026, 0],
      [0x20023, 1],
    ] as const) {
      const { ours, theirs } = both(`int main(void) { call(0x18, (void *)${reason}); return 9; }`);
      expect(ours).toEqual({ printed: '', code });
      expect(ours).toEqual(theirs);
    }
  });

  it("serves newlib's printf, heap and exit", () => {
    const { ours, theirs } = both(
      `
#include <stdio.h>
#include <stdlib.h>
void _init(void) {}
void _fini(void) {}
int main(void)
{
    char *text = malloc(100);
    if (text == NULL) return 1;
    snprintf(text, 100, "%s %d %.3f", "newlib", -42, 3.14159);
    printf("%s\\n", text);
    free(text);
    exit(7);
}`,
      { libc: 'rdimon' },
    );
    expect(ours).toEqual({ printed: 'newlib -42 3.142\n', code: 7 });
    expect(ours).toEqual(theirs);
  });

  it('has no error before a file is refused, then says why it was', () => {
    const path = buildElf(
      `${CALL}
#include <stdio.h>
void _init(void) {}
void _fini(void) {}
int main(void)
{
    printf("%d\\n", call(0x13, NULL));
    if (fopen("absent", "w") == NULL) perror("absent");
    printf("%d\\n", call(0x13, NULL));
    return 0;
}`,
      { language: 'c', mcu: 'mps2-an386', libc: 'rdimon' },
    );
    let printed = '';
    const machine = new Machine(profileOf('mps2-an386'), {
      console: (text) => {
        printed += text;
      },
    });
    machine.load(loadElf(readFileSync(path), 'program.elf'));
    expect(machine.run({ maxCycles: 10_000_000 })).toEqual({ reason: 'exit', code: 0 });
    expect(printed).toBe('0\nabsent: Permission denied\n13\n');
    machine.reset();
    expect(machine.run({ maxCycles: 10_000_000 })).toEqual({ reason: 'exit', code: 0 });
    expect(printed).toBe('0\nabsent: Permission denied\n13\n'.repeat(2));
  });

  it('gives the console a character for each byte', () => {
    const { machine, console } = guest(`
main:
  ldr r1, =words
  movs r0, #4
  bkpt 0xab
  b report
words: .byte 0xc3, 0xa9, 0x80, 0xff, 0
  .balign 4
`);
    expect(machine.run().reason).toBe('exit');
    expect([...console()].map((letter) => letter.charCodeAt(0))).toEqual([0xc3, 0xa9, 0x80, 0xff]);
  });

  it('takes a text of any length', () => {
    const { machine, console } = guest(`
main:
  ldr r1, =0x20010000
  ldr r2, =0x20030000
  movs r3, #65
1: strb r3, [r1], #1
  cmp r1, r2
  bne 1b
  ldr r1, =0x20010000
  movs r0, #4
  bkpt 0xab
  b report
`);
    expect(machine.run().reason).toBe('exit');
    expect(console()).toBe('A'.repeat(0x20000));
  });

  it('ends a text where memory ends, and the program does not notice', () => {
    const { machine, console } = guest(`
main:
  ldr r1, =0x2004fffe
  movw r0, #0x4241
  strh r0, [r1]
  movs r0, #4
  bkpt 0xab
  ldr r1, =0x70000000
  movs r0, #4
  bkpt 0xab
  ldr r1, [r9]
  b report
`);
    expect(machine.run().reason).toBe('exit');
    expect(console()).toBe('AB');
  });

  it('stops at an operation it does not serve', () => {
    const { machine, address } = guest('\nmain:\n  movs r0, #0x1f\nculprit:\n  bkpt 0xab\n');
    expect(machine.run()).toMatchObject({
      reason: 'unmodelled',
      pc: address('culprit'),
      text: expect.stringMatching(/^semihosting operation 0x0000001f at 0x/),
    });
  });
});
