/**
 * Devices seen from hot code: clocks read in its middle, registers polled, memory changed by others while it
 * looks. Both machines are compared all the while.
 */
import { describe, expect, it } from 'vitest';
import { wordsOfTwins } from './twins.js';

const DWT_ON = 'poke 0xe000edfc, 0x01000000\n  poke 0xe0001000, 1';

describe('a clock read in hot code', () => {
  /** r7 mixes what is read at three places of a loop, each after other instructions. */
  const reading = (setUp: string, address: number) => `
main:
  ${setUp}
  poke 0xe000ed88, 0x00f00000
  ldr r4, =${address}
  ldr r8, =9000
  ldr r10, =0x20004000
  movs r7, #0
  vmov.f32 s0, #1.5
  vmov.f32 s3, #1.0
again:
  ldr r0, [r4]
  add r7, r0, r7, ror #1
  ldr r1, [r10]
  ldr r2, [r10, #4]
  vdiv.f32 s1, s3, s0
  tst r8, #3
  beq passed
  adds r1, r8
  str r1, [r10]
passed:
  ldr r0, [r4]
  add r7, r0, r7, ror #1
  udiv r3, r1, r8
  vadd.f32 s2, s1, s0
  bl leaf_code
  ldr r0, [r4]
  add r7, r0, r7, ror #1
  subs r8, #1
  bne again
  put r7
  b report
leaf_code:
  push {r4, r5}
  pop {r4, r5}
  bx lr
  .ltorg
`;
  it.each([
    ['DWT_CYCCNT', DWT_ON, 0xe0001004],
    ['SysTick', 'poke 0xe000e014, 0xffff\n  poke 0xe000e018, 0\n  poke 0xe000e010, 5', 0xe000e018],
    [
      'a timer of half the speed',
      'poke 0x40021058, 0x10\n  poke 0x4000102c, 0xffff\n  poke 0x40001028, 1\n  poke 0x40001000, 1',
      0x40001024,
    ],
  ])('%s gives the cycle at each place', (_name, setUp, address) => {
    expect(wordsOfTwins(reading(setUp, address))).toHaveLength(1);
  });
});

describe('what a hot loop polls', () => {
  it('COUNTFLAG, which a read clears', () => {
    const source = `
main:
  poke 0xe000e014, 1733
  poke 0xe000e018, 0
  poke 0xe000e010, 5
  ldr r4, =0xe000e010
  movs r7, #60
  movs r6, #0
wait:
  adds r6, #1
  ldr r0, [r4]
  tst r0, #0x10000
  beq wait
  subs r7, #1
  bne wait
  put r6
  b report
`;
    const [rounds = 0] = wordsOfTwins(source);
    expect(rounds).toBeGreaterThan(60 * 150);
  });

  it('a timer’s counter and its flag', () => {
    const source = `
main:
  poke 0x40021058, 0x10
  poke 0x4000102c, 3000
  poke 0x40001000, 1
  ldr r4, =0x40001000
  movs r7, #40
  movs r6, #0
wait:
  ldr r0, [r4, #0x24]
  eor r6, r0, r6, ror #1
  ldr r0, [r4, #0x10]
  lsls r0, r0, #31
  beq wait
  movs r0, #0
  str r0, [r4, #0x10]
  subs r7, #1
  bne wait
  put r6
  b report
`;
    expect(wordsOfTwins(source)).toHaveLength(1);
  });

  it('a word that DMA writes, while it sums its neighbours', () => {
    const source = `
main:
  poke 0x40021048, 1
  movs r5, #0
  movs r6, #0
  movs r7, #200
next:
  ldr r4, =0x20005000
  movs r0, #0
  str r0, [r4, #1020]
  str r0, [r4, #512]
  mvn r0, r7
  ldr r1, =0x20004000
  str r0, [r1, #1020]
  str r0, [r1, #512]
  ldr r2, =0x40020000
  movs r0, #0
  str r0, [r2, #8]
  mov r0, #256
  str r0, [r2, #0xc]
  str r1, [r2, #0x10]
  str r4, [r2, #0x14]
  ldr r0, =0x00004ac1
  str r0, [r2, #8]
wait:
  adds r6, #1
  ldr r0, [r4, #512]
  add r5, r0, r5, ror #1
  ldr r0, [r4, #1020]
  cmp r0, #0
  beq wait
  subs r7, #1
  bne next
  put r5
  put r6
  b report
  .ltorg
`;
    const [, rounds = 0] = wordsOfTwins(source, { leastShare: 0.01 });
    expect(rounds).toBeGreaterThan(200 * 20);
  });
});

describe('the bit-band', () => {
  it('of SRAM, read and written in a hot loop beside the words it stands for', () => {
    const rounds = 9000;
    const source = `
main:
  ldr r4, =0x20004000
  ldr r5, =(0x22000000 + 0x4000 * 32)
  movs r0, #0
  str r0, [r4]
  movs r7, #0
  ldr r8, =${rounds}
again:
  and r1, r8, #31
  ldr r2, [r5, r1, lsl #2]
  eor r2, #1
  str r2, [r5, r1, lsl #2]
  ldr r0, [r4]
  add r7, r0, r7, ror #3
  adds r0, #1
  str r0, [r4]
  ldrb r3, [r5, #28]
  add r7, r3
  subs r8, #1
  bne again
  put r7
  b report
`;
    let [word, r7] = [0, 0];
    for (let r8 = rounds; r8 > 0; r8--) {
      word ^= 1 << (r8 & 31);
      r7 = (word + ((r7 >>> 3) | (r7 << 29))) | 0;
      word = (word + 1) | 0;
      r7 = (r7 + ((word >>> 7) & 1)) | 0;
    }
    expect(wordsOfTwins(source)).toEqual([r7 >>> 0]);
  });

  it('of peripherals: a timer is enabled and asked bit by bit', () => {
    const source = `
main:
  poke 0x40021058, 0x10
  poke 0x4000102c, 900
  poke 0x42020000, 1
  ldr r4, =0x42020200
  movs r7, #50
  movs r6, #0
wait:
  adds r6, #1
  ldr r0, [r4]
  cmp r0, #0
  beq wait
  movs r0, #0
  str r0, [r4]
  subs r7, #1
  bne wait
  put r6
  b report
`;
    const [rounds = 0] = wordsOfTwins(source);
    expect(rounds).toBeGreaterThan(50 * 60);
  });
});

describe('accesses at the edges of memory', () => {
  it('across the end of SRAM1 and into SRAM2’s alias fault or not, as they lie', () => {
    const source = `
main:
  poke 0xe000ed24, 0x70000
  poke 0xe000e008, 2
  ldr r4, =0x2001ffe0
  ldr r8, =6000
  movs r7, #0
  movs r10, #0
again:
  and r1, r8, #31
  ldr r0, [r4, r1]
  add r7, r0, r7, ror #1
  str r8, [r4, r1]
  subs r8, #1
  bne again
  put r7
  put r10
  b report
BusFault_Handler:
  ldr r0, =0xe000ed28
  ldr r1, [r0]
  str r1, [r0]
  ldr r0, [sp, #24]
  ldrh r1, [r0]
  lsrs r1, r1, #11
  cmp r1, #0x1d
  ite lo
  addlo r0, #2
  addhs r0, #4
  str r0, [sp, #24]
  add r10, #1
  bx lr
  .ltorg
`;
    const [, faults = 0] = wordsOfTwins(source);
    expect(faults).toBeGreaterThan(500);
  });

  it('of code and constants, read by a hot loop as data through both of flash’s addresses', () => {
    const source = `
main:
  ldr r4, =0x08000000
  movs r7, #0
  ldr r8, =8000
again:
  ubfx r0, r8, #0, #8
  ldr r1, [r4, r0, lsl #2]
  add r7, r1, r7, ror #1
  ldrb r1, [r0]
  add r7, r1
  ldr r2, =0x10000000
  str r7, [r2, r0, lsl #2]
  ldr r2, =0x20040000
  ldr r1, [r2, r0, lsl #2]
  add r7, r1
  subs r8, #1
  bne again
  put r7
  b report
`;
    expect(wordsOfTwins(source)).toHaveLength(1);
  });
});
