/** One instruction from one state on the interpreter and on Unicorn, and where the two differ. */
import type { AccessFault } from '../../../emulator/core/memory.js';
import { type Decoded, decode } from '../../../emulator/decode/decoder.js';
import { disassemble } from '../../../emulator/decode/disassembler.js';
import { usesFloat } from '../../../emulator/isa/insn.js';
import { STATE_WORD, XPSR_T } from '../../witness/arm-state.js';
import { ArmState, COMPARED_BITS, type Stop, UnicornMachine } from '../../witness/unicorn.js';
import { halfwordsOf } from '../decode/random-words.js';
import {
  CODE,
  CODE_BYTES,
  DATA,
  DATA_BYTES,
  HOME,
  HOME_BYTES,
  type SignalName,
  SingleStep,
} from './single-step.js';

const XPSR_IT = 0x0600fc00;

/** What both of them did with a step. */
export interface Lockstep {
  readonly decoded: Decoded;
  readonly before: ArmState;
  readonly ours: ArmState;
  readonly theirs: ArmState;
  readonly signal: SignalName;
  readonly fault: AccessFault['kind'] | undefined;
  readonly stop: Stop;
}

const WORD_NAMES: readonly string[] = Array.from({ length: STATE_WORD.s0 + 32 }, (_, k) => {
  if (k < 13) return `R${k}`;
  if (k >= STATE_WORD.s0) return `S${k - STATE_WORD.s0}`;
  return Object.entries(STATE_WORD).find(([, at]) => at === k)?.[0] ?? `word ${k}`;
});

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** The witness's word for each way our interpreter can stop. */
const CAUSES: Readonly<Partial<Record<SignalName, readonly string[]>>> = {
  none: ['done', 'fetch'],
  waitForInterrupt: ['done'],
  waitForEvent: ['done'],
  // A target outside memory stops Unicorn first; EPSR.T, which is compared, is clear all the same.
  invalidState: ['invstate', 'fetch'],
  supervisorCall: ['svc'],
  breakpoint: ['bkpt'],
  undefinedInstruction: ['undefined'],
  noCoprocessor: ['nocp'],
  memoryFault: ['read', 'write', 'unaligned'],
};

/** Signals whose instruction has retired: the machine goes on behind it. */
const RETIRES_AT_NEXT: readonly SignalName[] = ['waitForInterrupt', 'waitForEvent', 'supervisorCall'];

export class LockstepRunner {
  readonly ours = new SingleStep();
  readonly unicorn = new UnicornMachine();
  private readonly code: Uint8Array;
  private readonly data: Uint8Array;
  private readonly after = { ours: new ArmState(), theirs: new ArmState() };

  constructor() {
    this.code = this.unicorn.map(CODE, CODE_BYTES, 'code');
    this.data = this.unicorn.map(DATA, DATA_BYTES, 'data');
  }

  /**
   * The same bytes in both. Literals should differ, yet Unicorn may run one more instruction where a system
   * instruction ends, so that behind `HOME` stands `b .` as it is mapped.
   */
  fillMemory(random: () => number): void {
    for (let at = 0; at < CODE_BYTES; at++) {
      if (at < HOME - CODE || at >= HOME - CODE + HOME_BYTES) this.code[at] = random();
    }
    for (let at = 0; at < DATA_BYTES; at++) this.data[at] = random();
    this.ours.code.set(this.code);
    this.ours.data.set(this.data);
  }

  /** The state objects are used again by the next step. */
  step(words: readonly Decoded[], before: ArmState): Lockstep {
    const code = words.flatMap(({ word, size }) => halfwordsOf(word, size));
    const { ours, theirs } = this.after;
    const stop = this.unicorn.step(code, before, theirs, words.length);
    const signal = this.ours.step(code, before, ours, words.length);
    const decoded = words[words.length - 1] as Decoded;
    if (RETIRES_AT_NEXT.includes(signal)) ours.r[15] = (ours.r[15] as number) + decoded.size;
    if (signal === 'invalidState') {
      ours.r[15] = this.ours.signalArgument;
      ours.xpsr = (ours.xpsr & ~XPSR_T) >>> 0;
    }
    const fault = signal === 'memoryFault' ? this.ours.memory.fault.kind : undefined;
    return { decoded, before, ours, theirs, signal, fault, stop };
  }

  /** One line for each difference; none when they agree. */
  differences({ before, ours, theirs, signal, fault, stop }: Lockstep): string[] {
    if (CAUSES[signal]?.includes(stop.cause) !== true)
      return [`ours stopped by ${signal} ${fault ?? ''}, Unicorn by ${stop.cause}`];
    if (signal === 'memoryFault') return differentWords(ours, before, 'before', () => -1);
    // BKPT gives ITSTATE as it is behind it, where a debugger goes on; Unicorn as it is at the BKPT.
    const ignored = signal === 'breakpoint' ? XPSR_IT : 0;
    const bits = (k: number): number => (COMPARED_BITS[k] as number) & ~(k === STATE_WORD.xpsr ? ignored : 0);
    const lines = differentWords(ours, theirs, 'Unicorn', bits);
    if (Buffer.compare(this.ours.data, this.data) !== 0) lines.push(this.memoryDifference());
    return lines;
  }

  private memoryDifference(): string {
    const at = this.data.findIndex((byte, k) => byte !== this.ours.data[k]);
    const [ours, theirs] = [this.ours.data, this.data].map((d) =>
      Buffer.from(d.subarray(at, at + 8)).toString('hex'),
    );
    return `memory at ${hex(DATA + at)}: ours ${ours}, Unicorn ${theirs}`;
  }

  /** Takes the witness's memory over, after a fault or a difference. */
  alignMemory(): void {
    this.ours.data.set(this.data);
  }

  close(): void {
    this.unicorn.close();
  }
}

function differentWords(
  ours: ArmState,
  other: ArmState,
  name: string,
  bits: (k: number) => number,
): string[] {
  const lines: string[] = [];
  for (let k = 0; k < ours.words.length; k++) {
    const [a, b] = [ours.words[k] as number, other.words[k] as number];
    if (((a ^ b) & bits(k)) !== 0) lines.push(`${WORD_NAMES[k]}: ours ${hex(a)}, ${name} ${hex(b)}`);
  }
  return lines;
}

/** The word, its text, and every register that is not zero: enough to run it again by hand. */
export function describeStep({ decoded, before }: Lockstep): string {
  const count = usesFloat(decoded.insn) ? before.words.length : STATE_WORD.s0;
  const registers = [...before.words.subarray(0, count)].flatMap((value, k) =>
    value === 0 ? [] : [`${WORD_NAMES[k]}=${hex(value)}`],
  );
  return `${hex(decoded.word)} ${disassemble(decoded, 0)} from ${registers.join(' ')}`;
}

export function decodeWord(word: number, size: 2 | 4): Decoded {
  const decoded = size === 2 ? decode(word, 0) : decode(word >>> 16, word & 0xffff);
  if (decoded === undefined) throw new Error(`no record decodes ${hex(word)}`);
  return decoded;
}
