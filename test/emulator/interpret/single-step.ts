/**
 * The interpreter alone, without a machine around it: runs one instruction, or a few, from a witness's state.
 * No exceptions, no devices, no time; what an instruction asks of them comes back as the reason it stopped.
 */
import { FloatingPoint } from '../../../emulator/core/floating-point.js';
import { Memory } from '../../../emulator/core/memory.js';
import { changeProcessorState, readSpecial, writeSpecial } from '../../../emulator/core/special-registers.js';
import { CoreState, Signal, STATE_BYTES, word, X } from '../../../emulator/core/state.js';
import { makeEnvironment } from '../../../emulator/interpret/environment.js';
import { Interpreter, type StepTable } from '../../../emulator/interpret/interpreter.js';
import { type ArmState, STATE_WORD, XPSR_T } from '../../witness/arm-state.js';

/** Read-only code and writable data, at the same places for every witness. */
export const CODE = 0x0800_0000;
export const CODE_BYTES = 0x4000;
/** Where instructions are put to run: here or a few halfwords on. */
export const HOME = CODE + 0x2000;
export const HOME_BYTES = 32;
export const DATA = 0x2000_0000;
export const DATA_BYTES = 0x4000;

/** An STM32L4 has the upper four bits of a priority. */
const PRIORITY_MASK = 0xf0;
const SPSEL = 2;
/** `b .`, as the witness has it around the instruction. */
const BRANCH_TO_SELF = [0xfe, 0xe7];
/** One cycle, next state 0. */
const STEP: StepTable = {
  steps: new Int32Array(4).fill(3),
  takesExtra: true,
  setsOutcome: true,
  fill: () => 3,
};

const SIGNAL_NAMES = new Map<number, SignalName>(
  Object.entries(Signal).map(([name, value]) => [value, name as SignalName]),
);
export type SignalName = keyof typeof Signal;

export class SingleStep {
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  readonly memory: Memory;
  readonly state: CoreState;
  readonly interpreter: Interpreter;

  /** @param codeWritable puts the code in RAM, as self-modifying programs need */
  constructor(codeWritable = false) {
    const buffer = new ArrayBuffer(STATE_BYTES + CODE_BYTES + DATA_BYTES);
    const state = new CoreState(buffer, 0);
    state.reset();
    this.state = state;
    this.code = new Uint8Array(buffer, STATE_BYTES, CODE_BYTES);
    this.data = new Uint8Array(buffer, STATE_BYTES + CODE_BYTES, DATA_BYTES);
    this.memory = new Memory({
      buffer,
      windows: [
        { start: DATA, size: DATA_BYTES, offset: STATE_BYTES + CODE_BYTES, writable: true },
        { start: CODE, size: CODE_BYTES, offset: STATE_BYTES, writable: codeWritable },
      ],
      devices: { load: () => null, store: () => null },
      x: state.x,
      unalignedExtra: () => 0,
      protection: {
        privileged: true,
        forbidden: () => undefined,
        mayExecute: () => true,
        reachesBus: () => true,
      },
    });
    const environment = makeEnvironment(state, new FloatingPoint(state.x, X.FPSCR), this.memory.accessors, {
      floatReady: () => 0,
      readSpecial: (SYSm) => readSpecial(state, SYSm),
      writeSpecial: (SYSm, mask, value) => writeSpecial(state, PRIORITY_MASK, SYSm, mask, value),
      changeProcessorState: (disable, primask, faultmask) =>
        changeProcessorState(state, disable, primask, faultmask),
      trapsDivideByZero: () => false,
      divideExtra: () => 0,
    });
    this.interpreter = new Interpreter(state, this.memory, environment, { tableFor: () => STEP });
  }

  /** Puts `code` (halfwords) at `before.r[15]`, runs `count` instructions, reads the state into `after`. */
  step(code: readonly number[], before: ArmState, after: ArmState, count = 1): SignalName {
    const at = (before.r[15] as number) - CODE;
    for (let k = HOME - CODE; k < HOME - CODE + HOME_BYTES; k += 2) this.code.set(BRANCH_TO_SELF, k);
    code.forEach((halfword, k) => {
      this.code[at + 2 * k] = halfword & 0xff;
      this.code[at + 2 * k + 1] = halfword >>> 8;
    });
    // The first instruction is always looked up anew; code behind it is taken not to change, as in flash.
    if (count > 1) this.interpreter.forgetAll();
    this.setState(before);
    const signal = this.interpreter.run(count, true);
    this.getState(after);
    return SIGNAL_NAMES.get(signal) ?? 'none';
  }

  setState({ words, xpsr, control }: ArmState): void {
    const { r, s, x } = this.state;
    const [sp, other] =
      (control & SPSEL) === 0 ? [STATE_WORD.msp, STATE_WORD.psp] : [STATE_WORD.psp, STATE_WORD.msp];
    r.set(words.subarray(0, 16));
    r[13] = words[sp] as number;
    s.set(words.subarray(STATE_WORD.s0));
    x.fill(0);
    x[X.COUNTDOWN] = 1 << 20;
    x[X.SP_LOWEST] = x[X.OTHER_SP_LOWEST] = -1;
    x[X.OTHER_SP] = words[other] as number;
    this.state.setFlagsAndIT(xpsr);
    x[X.FPSCR] = words[STATE_WORD.fpscr] as number;
    x[X.PRIMASK] = words[STATE_WORD.primask] as number;
    x[X.BASEPRI] = words[STATE_WORD.basepri] as number;
    x[X.FAULTMASK] = words[STATE_WORD.faultmask] as number;
    x[X.CONTROL] = control;
  }

  getState(into: ArmState): void {
    const { state } = this;
    const { words } = into;
    words.set(state.r);
    words.set(state.s, STATE_WORD.s0);
    words[STATE_WORD.msp] = state.msp;
    words[STATE_WORD.psp] = state.psp;
    words[STATE_WORD.xpsr] = state.xpsr | XPSR_T;
    words[STATE_WORD.fpscr] = word(state.x, X.FPSCR);
    words[STATE_WORD.primask] = word(state.x, X.PRIMASK);
    words[STATE_WORD.basepri] = word(state.x, X.BASEPRI);
    words[STATE_WORD.faultmask] = word(state.x, X.FAULTMASK);
    words[STATE_WORD.control] = word(state.x, X.CONTROL);
  }

  /** What the last signal carries: the target of a branch that lost EPSR.T, an immediate. */
  get signalArgument(): number {
    return word(this.state.x, X.SIGNAL_ARGUMENT);
  }
}
