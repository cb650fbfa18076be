/** SRAM bit by bit through its alias (DDI 0403, B3.1; DDI 0439, 3.7), on our machine and on QEMU's. */
import { describe, expect, it } from 'vitest';
import { agreedWords, wordsOf } from '../machine/guest-machine.js';

describe('the bit-band alias of SRAM', () => {
  it('reads and writes one bit of a word, as QEMU has it', () => {
    const source = `
main:
  poke 0x20010000, 0xA5000081
  peek 0x22200000          @ bit 0
  peek 0x22200004          @ bit 1
  peek 0x2220007c          @ bit 31
  poke 0x22200004, 0xffffffff
  poke 0x22200000, 0xfffffffe
  poke 0x2220007c, 0
  poke 0x22200060, 0
  peek 0x20010000
  ldr r0, =0x22200028      @ bit 10, by a byte and by a halfword
  movs r1, #1
  strb r1, [r0]
  ldrb r2, [r0]
  put r2
  ldrh r2, [r0]
  put r2
  peek 0x20010000
  ldr r0, =0x22200028
  movs r1, #2
  strh r1, [r0]
  peek 0x20010000
  peek 0x20010004
  b report
`;
    const expected = [1, 0, 1, 0x24000082, 1, 1, 0x24000482, 0x24000082, 0];
    expect(agreedWords(source)).toEqual(expected);
    expect(wordsOf(source)).toEqual(expected);
  });

  it('ends where the SRAM behind it ends', () => {
    const words = wordsOf(`
main:
  poke 0xe000ed24, 0x20000   @ BusFault on
  poke 0xe000e008, 2         @ ACTLR.DISDEFWBUF: stores fault at once
  poke 0x2004fffc, 0x80000000
  peek 0x229ffffc
  ldr r0, =0x22a00000
  ldr r1, [r0]
  str r0, [r0]
  b report
BusFault_Handler:
  peek 0xe000ed38
  peek 0xe000ed28
  poke 0xe000ed28, 0xffffffff
  ldr r0, [sp, #24]
  adds r0, #2
  str r0, [sp, #24]
  bx lr
`);
    expect(words).toEqual([1, 0x22a00000, 0x8200, 0x22a00000, 0x8200]);
  });
});
