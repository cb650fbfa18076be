import { describe, expect, it } from 'vitest';
import type { BacktraceFrame, FaultReport } from '../../../emulator/index.js';
import { faultText } from '../../../harness/report/fault-text.js';

const frame = (pc: number, fields: Partial<BacktraceFrame> = {}): BacktraceFrame => ({
  ...{ pc, kind: 'caller', by: null, function: null, offset: null, file: null, line: null },
  ...fields,
});

const s = Array.from({ length: 32 }, () => 0);

const fault: FaultReport = {
  text: 'BusFault: it broke',
  r: Array.from({ length: 16 }, (_, n) => 0xa0 + n),
  ...{ xpsr: 0x01000003, msp: 0x20000100, psp: 0, control: 4, primask: 0, basepri: 0x40, faultmask: 1 },
  float: { s: [0x3f800000, 0xc0100000, ...s.slice(2, 5), 0x3dcccccd, ...s.slice(6)], fpscr: 0x10 },
  ...{ mode: 'handler', exception: 'SysTick', privileged: true, stack: 'main', excReturn: 0xfffffff1 },
  status: [
    {
      register: 'CFSR',
      value: 0x8200,
      bits: [
        { name: 'PRECISERR', meaning: 'it means this' },
        { name: 'BFARVALID', meaning: 'there is an address' },
      ],
    },
  ],
  ...{ mmfar: null, bfar: 0x70000000, earlier: ['UsageFault: before'] },
  backtrace: {
    frames: [
      frame(0x100, { kind: 'fault', function: 'store', offset: 2, file: 'src/app.c', line: 7 }),
      frame(0x200, { kind: 'branch', function: 'isr', offset: 16 }),
      frame(0x300, { kind: 'interrupted', by: 'SysTick', function: 'main', offset: 4, file: 'm.c', line: 1 }),
    ],
    leftOut: 0,
  },
};

describe('the text of a fault', () => {
  it('has the cause, the calls, then mode and registers', () => {
    expect(faultText(fault, 'something else')).toEqual([
      '  fault         BusFault: it broke',
      '  earlier       UsageFault: before',
      '  CFSR          0x00008200',
      '    PRECISERR   it means this',
      '  BFAR          0x70000000',
      '  #0            0x00000100, store+0x2, src/app.c:7',
      '  #1            0x00000200, isr+0x10, branched there',
      '  #2            0x00000300, main+0x4, m.c:1, interrupted by SysTick',
      '  mode          handler of SysTick, privileged, main stack, BASEPRI 0x40, FAULTMASK 0x1',
      '  EXC_RETURN    0xfffffff1',
      '  registers     r0   0x000000a0  r1   0x000000a1  r2   0x000000a2  r3   0x000000a3',
      '                r4   0x000000a4  r5   0x000000a5  r6   0x000000a6  r7   0x000000a7',
      '                r8   0x000000a8  r9   0x000000a9  r10  0x000000aa  r11  0x000000ab',
      '                r12  0x000000ac  sp   0x000000ad  lr   0x000000ae  pc   0x000000af',
      '                xpsr 0x01000003  msp  0x20000100  psp  0x00000000  ctrl 0x00000004',
      '                s0   1           s1   -2.25       s2   0           s3   0',
      '                s4   0           s5   0.1         s6   0           s7   0',
      '                fpscr 0x00000010',
    ]);
  });

  it('does not say again what stands above it, nor what is not there', () => {
    const plain = { ...fault, mode: 'thread', exception: null, excReturn: null, float: null } as const;
    const lines = faultText(
      { ...plain, basepri: 0, faultmask: 0, bfar: null, earlier: [] },
      'fault: BusFault: it broke',
    );
    expect(lines[0]).toBe('  CFSR          0x00008200');
    expect(lines).toContain('  mode          thread, privileged, main stack');
    expect(lines.join('\n')).not.toMatch(/BFAR|fpscr|fault /);
  });

  it('shortens a long path from its beginning, and a long chain in its middle', () => {
    const file = `/home/someone/${'a-folder/'.repeat(8)}driver.c`;
    const frames = Array.from({ length: 64 }, (_, k) =>
      frame(k, { function: 'deep', offset: k, file, line: 3 }),
    );
    const lines = faultText({ ...fault, backtrace: { frames, leftOut: 936 } }, fault.text).filter((text) =>
      /^ {2}#|more\)/.test(text),
    );
    expect(lines).toHaveLength(17);
    expect(lines[7]).toMatch(/^ {2}#7 +0x00000007, deep\+0x7, \.\.\.\/a-folder\/[\w/-]*driver\.c:3$/);
    expect(lines[8]).toBe('                (984 more)');
    expect(lines[9]).toMatch(/^ {2}#992 +0x00000038, /);
    expect(lines[16]).toMatch(/^ {2}#999 +0x0000003f, /);
    for (const text of lines) expect(text.length).toBeLessThanOrEqual(100);
  });
});
