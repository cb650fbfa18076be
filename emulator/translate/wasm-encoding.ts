/** Numbers, types and opcodes of the WebAssembly binary format (core specification 2.0, chapter 5). */

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64';

export const TYPE_CODE: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** Opcodes without immediates, and the type of what they give. */
const OPERATORS = {
  'i32.eqz': [0x45, 'i32'],
  'i32.eq': [0x46, 'i32'],
  'i32.ne': [0x47, 'i32'],
  'i32.lt_s': [0x48, 'i32'],
  'i32.lt_u': [0x49, 'i32'],
  'i32.gt_s': [0x4a, 'i32'],
  'i32.gt_u': [0x4b, 'i32'],
  'i32.le_s': [0x4c, 'i32'],
  'i32.le_u': [0x4d, 'i32'],
  'i32.ge_s': [0x4e, 'i32'],
  'i32.ge_u': [0x4f, 'i32'],
  'i64.lt_s': [0x53, 'i32'],
  'i64.ne': [0x52, 'i32'],
  'f32.eq': [0x5b, 'i32'],
  'f32.ne': [0x5c, 'i32'],
  'f32.lt': [0x5d, 'i32'],
  'f64.eq': [0x61, 'i32'],
  'f64.ne': [0x62, 'i32'],
  'f64.lt': [0x63, 'i32'],
  'f64.gt': [0x64, 'i32'],
  'f64.ge': [0x66, 'i32'],
  'i32.clz': [0x67, 'i32'],
  'i32.add': [0x6a, 'i32'],
  'i32.sub': [0x6b, 'i32'],
  'i32.mul': [0x6c, 'i32'],
  'i32.div_s': [0x6d, 'i32'],
  'i32.div_u': [0x6e, 'i32'],
  'i32.and': [0x71, 'i32'],
  'i32.or': [0x72, 'i32'],
  'i32.xor': [0x73, 'i32'],
  'i32.shl': [0x74, 'i32'],
  'i32.shr_s': [0x75, 'i32'],
  'i32.shr_u': [0x76, 'i32'],
  'i32.rotr': [0x78, 'i32'],
  'i64.add': [0x7c, 'i64'],
  'i64.sub': [0x7d, 'i64'],
  'i64.mul': [0x7e, 'i64'],
  'i64.and': [0x83, 'i64'],
  'i64.or': [0x84, 'i64'],
  'i64.xor': [0x85, 'i64'],
  'i64.shl': [0x86, 'i64'],
  'i64.shr_s': [0x87, 'i64'],
  'i64.shr_u': [0x88, 'i64'],
  'f32.add': [0x92, 'f32'],
  'f32.sub': [0x93, 'f32'],
  'f32.mul': [0x94, 'f32'],
  'f32.div': [0x95, 'f32'],
  'f32.sqrt': [0x91, 'f32'],
  'f64.abs': [0x99, 'f64'],
  'f64.trunc': [0x9d, 'f64'],
  'f64.sqrt': [0x9f, 'f64'],
  'f64.add': [0xa0, 'f64'],
  'f64.sub': [0xa1, 'f64'],
  'f64.mul': [0xa2, 'f64'],
  'f64.div': [0xa3, 'f64'],
  'i32.wrap_i64': [0xa7, 'i32'],
  'i32.trunc_f64_s': [0xaa, 'i32'],
  'i32.trunc_f64_u': [0xab, 'i32'],
  'i64.extend_i32_s': [0xac, 'i64'],
  'i64.extend_i32_u': [0xad, 'i64'],
  'f64.convert_i32_s': [0xb7, 'f64'],
  'f64.convert_i32_u': [0xb8, 'f64'],
  'f32.demote_f64': [0xb6, 'f32'],
  'f64.promote_f32': [0xbb, 'f64'],
  'i32.reinterpret_f32': [0xbc, 'i32'],
  'i64.reinterpret_f64': [0xbd, 'i64'],
  'f32.reinterpret_i32': [0xbe, 'f32'],
  'f64.reinterpret_i64': [0xbf, 'f64'],
} as const satisfies Readonly<Record<string, readonly [number, WasmType]>>;

export type Operator = keyof typeof OPERATORS;

export function operatorCode(name: Operator): number {
  return OPERATORS[name][0];
}

export function operatorType(name: Operator): WasmType {
  return OPERATORS[name][1];
}

/** Loads and stores, with log2 of their natural alignment. */
const MEMORY = {
  'i32.load': [0x28, 2],
  'i64.load': [0x29, 3],
  'f32.load': [0x2a, 2],
  'i32.load8_s': [0x2c, 0],
  'i32.load8_u': [0x2d, 0],
  'i32.load16_s': [0x2e, 1],
  'i32.load16_u': [0x2f, 1],
  'i32.store': [0x36, 2],
  'i64.store': [0x37, 3],
  'f32.store': [0x38, 2],
  'i32.store8': [0x3a, 0],
  'i32.store16': [0x3b, 1],
} as const;

export type MemoryOperator = keyof typeof MEMORY;

export function memoryCode(name: MemoryOperator): readonly [code: number, align: number] {
  return MEMORY[name];
}

/** LEB128 of 0 to 2^32 - 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}

/** As `unsigned`, behind what is there. */
export function pushUnsigned(bytes: number[], value: number): void {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}

/** Signed LEB128 of an integer that a double holds exactly. */
export function pushSigned(bytes: number[], value: number): void {
  let rest = value;
  while (rest < -0x40 || rest > 0x3f) {
    const low = ((rest % 128) + 128) % 128;
    rest = (rest - low) / 128;
    bytes.push(low | 0x80);
  }
  bytes.push(rest & 0x7f);
}
