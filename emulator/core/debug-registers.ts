/**
 * The core's registers as a debugger sees them: one table, in the order and under the feature names that
 * gdb expects of an M-profile core with FPU. Not here: system registers in memory, which a debugger reads
 * as memory.
 */
import { type CoreState, word, X } from './state.js';

/** The low word first; a 32-bit register has one. Words are unsigned. */
export type RegisterWords = readonly number[];

export interface DebugRegister {
  readonly name: string;
  readonly bits: 32 | 64;
  /** The group of registers it belongs to, by gdb's name for it. */
  readonly feature: string;
  /** gdb's type of it; an integer when absent. */
  readonly type?: 'data_ptr' | 'code_ptr' | 'ieee_double';
  /** gdb's `info registers` group. */
  readonly group?: 'float' | 'system';
  read(state: CoreState): RegisterWords;
  write(state: CoreState, words: RegisterWords): void;
}

const CORE = 'org.gnu.gdb.arm.m-profile';
const VFP = 'org.gnu.gdb.arm.vfp';
const SYSTEM = 'org.gnu.gdb.arm.m-system';
const FPSCR_BITS = 0xf7c0009f | 0;

type Access = Pick<DebugRegister, 'type' | 'group'> & {
  readonly read: (state: CoreState) => number;
  readonly write: (state: CoreState, value: number) => void;
};

const single = (name: string, feature: string, { read, write, ...rest }: Access): DebugRegister => ({
  name,
  bits: 32,
  feature,
  ...rest,
  read: (state) => [read(state) >>> 0],
  write: (state, [value = 0]) => write(state, value | 0),
});

/** R13 is the stack pointer in use; R15 has no bit 0. */
function general(n: number): DebugRegister {
  const names: Readonly<Record<number, string>> = { 13: 'sp', 14: 'lr', 15: 'pc' };
  const write = (state: CoreState, value: number): void => {
    if (n === 13) state.setSP(value);
    else state.r[n] = n === 15 ? value & ~1 : value;
  };
  const read = (state: CoreState): number => word(state.r, n);
  const type = n === 13 ? 'data_ptr' : n === 15 ? 'code_ptr' : undefined;
  return single(names[n] ?? `r${n}`, CORE, { read, write, ...(type === undefined ? {} : { type }) });
}

const double = (n: number): DebugRegister => ({
  name: `d${n}`,
  bits: 64,
  feature: VFP,
  type: 'ieee_double',
  group: 'float',
  read: ({ s }) => [word(s, 2 * n) >>> 0, word(s, 2 * n + 1) >>> 0],
  write: ({ s }, [low = 0, high = 0]) => {
    s[2 * n] = low;
    s[2 * n + 1] = high;
  },
});

/** A special register that lies in one word of the state. */
const special = (name: string, index: number, mask: number): DebugRegister =>
  single(name, SYSTEM, {
    group: 'system',
    read: ({ x }) => word(x, index),
    write: ({ x }, value) => {
      x[index] = value & mask;
    },
  });

/** CONTROL.SPSEL chooses the stack pointer in R13 (Thread mode only). */
const control: DebugRegister = single('control', SYSTEM, {
  group: 'system',
  read: ({ x }) => word(x, X.CONTROL),
  write: (state, value) => {
    const before = state.onProcessStack;
    state.x[X.CONTROL] = value & (state.handlerMode ? 5 : 7);
    state.selectStack(before);
  },
});

/** @param priorityMask implemented bits of a priority, as in 0xf0 */
export function debugRegisters(fpu: boolean, priorityMask: number): readonly DebugRegister[] {
  const xpsr = single('xpsr', CORE, {
    read: (state) => state.xpsr,
    write: (state, value) => state.setFlagsAndIT(value),
  });
  const fpscr = single('fpscr', VFP, {
    group: 'float',
    read: ({ x }) => word(x, X.FPSCR),
    write: ({ x }, value) => {
      x[X.FPSCR] = value & FPSCR_BITS;
    },
  });
  const floats = fpu ? [...Array.from({ length: 16 }, (_, n) => double(n)), fpscr] : [];
  return [
    ...Array.from({ length: 16 }, (_, n) => general(n)),
    xpsr,
    ...floats,
    single('msp', SYSTEM, {
      type: 'data_ptr',
      group: 'system',
      read: (state) => state.msp,
      write: (state, v) => state.setMSP(v),
    }),
    single('psp', SYSTEM, {
      type: 'data_ptr',
      group: 'system',
      read: (state) => state.psp,
      write: (state, v) => state.setPSP(v),
    }),
    special('primask', X.PRIMASK, 1),
    special('basepri', X.BASEPRI, priorityMask),
    special('faultmask', X.FAULTMASK, 1),
    control,
  ];
}
