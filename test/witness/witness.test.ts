/** The witnesses themselves, against facts that the manuals state: a witness that lies must not judge. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { buildElf } from './compiler.js';
import { MissingWitness } from './missing-witness.js';
import { disassemble, disassembleWithComments } from './objdump.js';
import { runQemu } from './qemu.js';
import { runTool } from './tool.js';
import { ArmState, COMPARED_BITS, UnicornMachine } from './unicorn.js';

const CODE = 0x0800_0000;
const DATA = 0x2000_0000;
const N = 0x8000_0000;
const Z = 0x4000_0000;
const V = 0x1000_0000;
const Q = 0x0800_0000;
const T = 0x0100_0000;
const ONE = 0x3f80_0000;

describe('Unicorn', () => {
  const machine = new UnicornMachine();
  const codeBytes = machine.map(CODE, 0x10000, 'code');
  const data = new DataView(machine.map(DATA, 0x1000, 'data').buffer);
  afterAll(() => machine.close());

  /** Runs `code` from a state that `prepare` has touched. */
  function run(code: number[], prepare: (state: ArmState) => void, count = 1) {
    const before = new ArmState();
    before.r[13] = DATA + 0x800;
    before.r[15] = CODE + 0x100;
    prepare(before);
    const after = new ArmState();
    const stop = machine.step(code, before, after, count);
    return { ...stop, before, after };
  }

  it('adds 0x7fffffff and 1: N and V', () => {
    const { cause, after } = run([0x1840], (s) => s.r.set([0x7fff_ffff, 1]));
    expect(cause).toBe('done');
    expect(after.r[0]).toBe(0x8000_0000);
    expect(after.xpsr).toBe(N + V + T);
    expect(after.r[15]).toBe(CODE + 0x102);
  });

  it('keeps every register over a NOP, S0..S31, FPSCR, Q and GE included', () => {
    const { before, after } = run([0xbf00], (s) => {
      for (let n = 0; n < 13; n++) s.r[n] = 0x0101_0101 * n;
      for (let n = 0; n < 32; n++) s.s[n] = 0xa5a5_0000 + n;
      s.r[14] = 0x1234_5678;
      s.xpsr = N + Z + V + Q + T + 0x000a_0000;
      Object.assign(s, { fpscr: 0xf7c0_009f, primask: 1, basepri: 0x50, faultmask: 1, psp: DATA + 0x400 });
    });
    before.r[15] = CODE + 0x102;
    expect(after.words).toEqual(before.words);
  });

  it('sets Q by SSAT, GE by UADD8, and reads GE in SEL', () => {
    expect(run([0xf300, 0x0007], (s) => s.r.set([0x1000])).after.xpsr).toBe(Q + T);
    expect(run([0xfa80, 0xf041], (s) => s.r.set([0xff00_ff01, 0x0101_0101])).after.xpsr).toBe(
      T + 0x000a_0000,
    );
    const sel = run([0xfaa0, 0xf081], (s) => {
      s.r.set([0xffff_ffff, 0x0101_0101]);
      s.xpsr = T + 0x0005_0000;
    });
    expect(sel.after.r[0]).toBe(0x01ff_01ff);
  });

  it('adds floats, rounds as FPSCR says, and accumulates its flags', () => {
    const vadd = [0xee30, 0x0a20];
    expect(run(vadd, (s) => s.s.set([ONE, ONE])).after.s[0]).toBe(0x4000_0000);
    const up = run(vadd, (s) => {
      s.s.set([ONE, 0x3300_0000]);
      s.fpscr = 0x0040_0002;
    });
    expect([up.after.s[0], up.after.fpscr]).toEqual([ONE + 1, 0x0040_0012]);
    const flushed = run(vadd, (s) => {
      s.s.set([1, ONE]);
      s.fpscr = 0x0100_0000;
    });
    expect([flushed.after.s[0], flushed.after.fpscr]).toEqual([ONE, 0x0100_0080]);
  });

  it('reads and writes the mapped memory itself', () => {
    data.setUint32(0x10, 0xcafe_f00d, true);
    expect(run([0x6908], (s) => s.r.set([0, DATA])).after.r[0]).toBe(0xcafe_f00d);
    run([0x6108], (s) => s.r.set([0x0bad_cafe, DATA]));
    expect(data.getUint32(0x10, true)).toBe(0x0bad_cafe);
  });

  it('tells SVC, BKPT, an undefined instruction, an absent coprocessor and bad addresses apart', () => {
    const causeOf = (...code: number[]) => run(code, (s) => s.r.set([0, 0x4000_0000, CODE])).cause;
    expect(causeOf(0xdf05)).toBe('svc');
    expect(causeOf(0xbeab)).toBe('bkpt');
    expect(causeOf(0xde00)).toBe('undefined');
    expect(causeOf(0xee30, 0x0b00)).toBe('undefined');
    // TT: ARMv8-M only, so a Cortex-M33 in disguise would run it.
    expect(causeOf(0xe840, 0xf000)).toBe('undefined');
    expect(causeOf(0xee11, 0x0f10)).toBe('nocp');
    expect(causeOf(0x6808)).toBe('read');
    expect(causeOf(0x6010)).toBe('write');
    expect(causeOf(0xbf20)).toBe('done');
    expect(() => causeOf(0xb658)).toThrow(RangeError);
  });

  it('follows branches: taken, not taken, to data, to an even address', () => {
    const beq = (xpsr: number) => run([0xd01e], (s) => Object.assign(s, { xpsr })).after.r[15];
    expect(beq(T + Z)).toBe(CODE + 0x140);
    expect(beq(T)).toBe(CODE + 0x102);
    const toData = run([0x4700], (s) => s.r.set([DATA + 1]));
    expect([toData.cause, toData.completed, toData.after.r[15]]).toEqual(['fetch', true, DATA]);
    const even = run([0x4700], (s) => s.r.set([CODE + 0x40]));
    expect([even.cause, even.after.r[15], even.after.xpsr]).toEqual(['invstate', CODE + 0x40, 0]);
  });

  it('obeys an IT: with its instruction, and by ITSTATE alone', () => {
    const both = (xpsr: number) =>
      run([0xbf08, 0x1840], (s) => {
        s.r.set([2, 3]);
        s.xpsr = xpsr;
      }).after;
    expect([both(T + Z).r[0], both(T + Z).xpsr]).toEqual([5, T + Z]);
    expect([both(T).r[0], both(T).r[15]]).toEqual([2, CODE + 0x104]);
    // ITSTATE 0b0000_0100: EQ, another instruction to come; it advances to 0b0000_1000.
    const alone = run([0x1840], (s) => {
      s.r.set([2, 3]);
      s.xpsr = T + Z + (1 << 10);
    }).after;
    expect([alone.r[0], alone.xpsr, alone.r[15]]).toEqual([5, T + Z + (2 << 10), CODE + 0x102]);
    expect(run([0xbf0c], () => {}).after.xpsr).toBe(T + (3 << 10));
  });

  it('reads the stacks and masks even after privilege is dropped', () => {
    const { after } = run([0xf380, 0x8814], (s) => {
      s.r[0] = 3;
      Object.assign(s, { psp: DATA + 0x400, basepri: 0x20 });
    });
    expect([after.control & 3, after.r[13], after.psp, after.basepri]).toEqual([
      3,
      DATA + 0x800,
      DATA + 0x400,
      0x20,
    ]);
    expect(run([0xbf00], () => {}).after.r[13]).toBe(DATA + 0x800);
  });

  it('never runs what stood at the address before', () => {
    for (let n = 0; n < 2000; n++) {
      const [rd, rn, rm] = [n % 8, (n >> 3) % 8, (n >> 6) % 8] as const;
      const { before, after } = run([0x1800 | (rm << 6) | (rn << 3) | rd], (s) => {
        for (let r = 0; r < 8; r++) s.r[r] = 1 << (r + (n % 20));
      });
      expect(after.r[rd]).toBe((before.r[rn] as number) + (before.r[rm] as number));
    }
  });

  it('runs what is placed where an earlier branch landed', () => {
    const target = CODE + 0x140;
    expect(run([0xe01e], () => {}).after.r[15]).toBe(target);
    const { after } = run([0x1c40, 0xe7fe, 0xbf00], (s) => {
      s.r[15] = target;
    });
    expect([after.r[0], after.r[15]]).toEqual([1, target + 2]);
    const back = run([0xe01e], () => {}, 2).after;
    expect([back.r[0], back.r[15]]).toEqual([0, target]);
  });

  it('runs freely by emulate, to an address or for a count', () => {
    const code = new Uint16Array(codeBytes.buffer, codeBytes.byteOffset + 0x400, 3);
    code.set([0x1c40, 0x1c40, 0xe7fc]);
    const state = new ArmState();
    machine.setState(state);
    expect(machine.emulate(CODE + 0x400, CODE + 0x402, 100).cause).toBe('done');
    machine.getState(state);
    expect([state.r[0], state.r[15]]).toEqual([1, CODE + 0x402]);
    machine.emulate(CODE + 0x402, 0, 6);
    machine.getState(state);
    expect([state.r[0], state.r[15]]).toEqual([5, CODE + 0x402]);
    code.fill(0x1c80);
    machine.emulate(CODE + 0x400, 0, 3);
    machine.getState(state);
    expect(state.r[0]).toBe(5 + 3 * 2);
  });

  it('leaves only the bits out that an M-profile core lacks', () => {
    const left = [...COMPARED_BITS].flatMap((mask, word) => (mask === 0xffff_ffff ? [] : [[word, mask]]));
    expect(left).toEqual([
      [13, 0xffff_fffc],
      [19, 0xf0],
      [22, 0xffff_fffc],
    ]);
  });
});

describe('objdump', () => {
  it('gives plain text, in step, with targets relative to the address asked for', () => {
    const encodings = [0x1840, 0xe7fe, 0xf000_f800, 0x4800, 0x0000, 0xb806, 0xee30_0a20, 0xbf1f, 0x1840];
    expect(disassemble(encodings, { address: 0x0800_0100 })).toEqual([
      'adds r0, r0, r1',
      'b.n 0x8000100',
      'bl 0x8000104',
      'ldr r0, [pc, #0]',
      'movs r0, r0',
      'undefined',
      'vadd.f32 s0, s0, s1',
      'itttt ne',
      'adds r0, r0, r1',
    ]);
    expect(disassemble([0xe7fd])).toEqual(['b.n 0xfffffffe']);
  });

  it('gives the text in an IT block, and its remarks', () => {
    expect(disassemble([0x1840, 0xea80_0001, 0xbf00], { inItBlock: true })).toEqual([
      'addeq r0, r0, r1',
      'eoreq.w r0, r0, r1',
      'nopeq',
    ]);
    expect(disassembleWithComments([0x4478, 0xe800_0000])[1]).toEqual({
      text: 'undefined',
      comment: '<UNDEFINED> instruction: 0xe8000000',
    });
  });
});

describe('QEMU and the compiler', () => {
  const source = `static const char text[] = "hello\\n";
int main(void) {
  register int op __asm("r0") = 4; register const char *at __asm("r1") = text;
  __asm volatile("bkpt 0xab" : "+r"(op) : "r"(at) : "memory");
  return 42;
}`;

  it('runs a semihosting program to its exit status', () => {
    const elf = buildElf(source, { language: 'c', mcu: 'mps2-an386' });
    expect(runQemu(elf)).toEqual({ stdout: 'hello\n', stderr: '', exitCode: 42 });
    expect(buildElf(source, { language: 'c', mcu: 'mps2-an386' })).toBe(elf);
  });

  it('links for the STM32L496ZG at its flash, from assembly too', () => {
    const assembly = '.syntax unified\n.global main\n.thumb_func\nmain: movs r0, #3\n  bx lr\n';
    const elf = readFileSync(buildElf(assembly, { language: 's', mcu: 'stm32l496zg' }));
    expect(elf.readUInt32LE(24) >>> 16).toBe(0x0800);
  });

  it('ends a program that hangs, and reports one that does not compile', () => {
    const hang = buildElf('int main(void) { for (;;) {} }', { language: 'c', mcu: 'mps2-an386' });
    expect(() => runQemu(hang, { timeoutMs: 500 })).toThrow(/ETIMEDOUT/);
    expect(() => buildElf('int main(', { language: 'c', mcu: 'mps2-an386' })).toThrow(/error: expected/);
  });
});

describe('a witness that is not installed', () => {
  it('is an error that names the Debian package', () => {
    const absent = { program: 'm4lab-no-such-program', debianPackage: 'some-package' };
    expect(() => runTool(absent, [])).toThrow(MissingWitness);
    expect(() => runTool(absent, [])).toThrow(/m4lab-no-such-program .* apt-get install some-package/);
  });
});
