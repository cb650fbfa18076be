/** Pieces of assembly text as GNU objdump prints them. */

const CONDITIONS = [
  'eq',
  'ne',
  'cs',
  'cc',
  'mi',
  'pl',
  'vs',
  'vc',
  'hi',
  'ls',
  'ge',
  'lt',
  'gt',
  'le',
  '',
  '',
];

export function condition(cond: number): string {
  return CONDITIONS[cond] ?? '';
}

const REGISTERS = [
  'r0',
  'r1',
  'r2',
  'r3',
  'r4',
  'r5',
  'r6',
  'r7',
  'r8',
  'r9',
  'sl',
  'fp',
  'ip',
  'sp',
  'lr',
  'pc',
];

/** A core register; R10 to R12 are sl, fp and ip to objdump. */
export function R(n: number): string {
  return REGISTERS[n] ?? `r${n}`;
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

/** {r0, r1, r4}: objdump lists every register, no ranges. */
export function registerList(list: number): string {
  const names: string[] = [];
  for (let n = 0; n < 16; n++) if ((list >>> n) & 1) names.push(R(n));
  return `{${names.join(', ')}}`;
}

/** An immediate shift's suffix, as DecodeImmShift gives it: nothing for LSL #0. */
export function shiftSuffix(shift: { type: string; amount: number }): string {
  if (shift.type === 'RRX') return ', rrx';
  return shift.amount === 0 ? '' : `, ${shift.type.toLowerCase()} #${shift.amount}`;
}

/** `[rn]` or `[rn, #offset]`: 32-bit encodings leave a zero offset out, but keep a negative zero. */
export function offsetAddress(n: number, offset: number, add: boolean): string {
  if (offset === 0 && add) return `[${R(n)}]`;
  return `[${R(n)}, #${add ? '' : '-'}${offset}]`;
}

export function branchTarget(address: number, offset: number): string {
  return hex(address + 4 + offset);
}
