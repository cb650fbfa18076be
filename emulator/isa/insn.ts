/**
 * What one instruction record holds. A record is one encoding of the Arm ARM (DDI 0403, A7.7); decoder,
 * encoder, disassembler, interpreter, translator, hazard analysis and timing model read it, and none tests
 * its name.
 *
 * `bits` is the encoding diagram, most significant bit first: 0 and 1 are fixed, a letter is a bit of the
 * field of that letter (a letter that stands twice concatenates), '-' is a bit the manual calls (0) and '+'
 * one it calls (1), both of which this machine ignores.
 */
import type { Ops, Values } from './ops.js';

/** How an encoding uses the pipeline; the timing model has the cycles (DDI 0439D table 3-1 and 7-1). */
export type CycleClass =
  | 'alu'
  | 'multiply'
  | 'divide'
  | 'load'
  | 'loadLiteral'
  | 'storeImmediate'
  | 'storeRegister'
  | 'exclusive'
  | 'loadDual'
  | 'storeDual'
  | 'loadMultiple'
  | 'storeMultiple'
  | 'branch'
  | 'branchRegister'
  | 'tableBranch'
  | 'it'
  | 'hint'
  | 'wait'
  | 'barrier'
  | 'system'
  | 'exception'
  | 'fpArithmetic'
  | 'fpMultiplyAccumulate'
  | 'fpDivide'
  | 'fpMove'
  | 'fpMoveCore'
  | 'fpMoveDual'
  | 'fpSystem'
  | 'fpLoad'
  | 'fpStore'
  | 'fpLoadMultiple'
  | 'fpStoreMultiple';

/** The field letters of a bit pattern. */
export type Letters<S extends string> = S extends `${infer H}${infer T}`
  ? (H extends '0' | '1' | '-' | '+' | ' ' ? never : H) | Letters<T>
  : never;

export type Fields<B extends string = string> = { readonly [K in Letters<B>]: number };
export type AnyFields = Readonly<Record<string, number>>;

/** What the disassembler knows beside the fields. */
export interface AsmContext {
  /** Address of the instruction. */
  readonly address: number;
  /** Condition suffix: empty outside an IT block. */
  readonly c: string;
  /** `s` outside an IT block, the condition inside: for 16-bit encodings that set flags outside IT only. */
  readonly s: string;
}

export interface Unpredictable<F> {
  readonly when: (fields: F, inITBlock: boolean) => boolean;
  /** What this machine does, and why. */
  readonly choice: string;
}

export interface InsnRecord<B extends string> {
  /** The heading in the Arm ARM. */
  readonly name: string;
  readonly encoding: string;
  readonly bits: B;
  /** The text GNU objdump prints, one space between mnemonic and operands. */
  readonly asm: (fields: Fields<B>, x: AsmContext) => string;
  readonly cycles: CycleClass;
  /** Restricts the pattern where the manual says SEE or UNDEFINED and no bit pattern can. */
  readonly when?: (fields: Fields<B>) => boolean;
  /** Runs even when its IT block says no (BKPT). */
  readonly unconditional?: true;
  readonly unpredictable?: readonly Unpredictable<Fields<B>>[];
  /** One word (16 or 32 bits, first halfword high) with its text. */
  readonly example: readonly [word: number, text: string];
  readonly meaning: <V extends Values>(o: Ops<V>, fields: Fields<B>) => void;
}

export interface Insn {
  readonly name: string;
  readonly encoding: string;
  readonly bits: string;
  readonly asm: (fields: AnyFields, x: AsmContext) => string;
  readonly cycles: CycleClass;
  readonly when?: (fields: AnyFields) => boolean;
  readonly unconditional?: true;
  readonly unpredictable?: readonly Unpredictable<AnyFields>[];
  readonly example: readonly [word: number, text: string];
  readonly meaning: <V extends Values>(o: Ops<V>, fields: AnyFields) => void;
}

/** `bits` made of parts, with the fields of `shape`: the two differ in fixed bits alone. */
export function shaped<const B extends string>(_shape: B, bits: string): B {
  return bits as B;
}

/** Checks a record's types (a field letter that `bits` lacks does not compile) and forgets them. */
export function insn<const B extends string>(record: InsnRecord<B>): Insn {
  return record as unknown as Insn;
}

const FLOAT_CLASSES = /^fp/;

/** FP instructions need the coprocessor enabled and make FP context active. */
export function usesFloat(record: Insn): boolean {
  return FLOAT_CLASSES.test(record.cycles);
}
