/** The coprocessor that an encoding belongs to, whether or not it is an instruction (DDI 0403, A5.3.18). */

/** The FPU's, for single and for double precision. */
export const FLOAT_COPROCESSORS: readonly number[] = [10, 11];

/** Its number; undefined outside the coprocessors' encodings. */
export function coprocessorOf(first: number, second: number): number | undefined {
  const isCoprocessor = (first & 0xec00) === 0xec00 && (first & 0x0300) !== 0x0300;
  return isCoprocessor ? (second >>> 8) & 0xf : undefined;
}
