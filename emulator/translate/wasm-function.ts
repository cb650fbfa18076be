/**
 * Builds one WebAssembly function and the module around it (WebAssembly core specification 1.0, chapter 5):
 * locals, labels by name instead of depth, and opcodes by their text names. It knows nothing of Arm.
 */

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64';

const TYPE_CODE: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** Opcodes without immediates. */
const OPCODE = {
  return: 0x0f,
  select: 0x1b,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.le_s': 0x4c,
  'i32.ge_u': 0x4f,
  'i32.clz': 0x67,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_s': 0x75,
  'i32.shr_u': 0x76,
  'i32.rotr': 0x78,
  'i64.add': 0x7c,
  'i64.mul': 0x7e,
  'i64.or': 0x84,
  'i64.shl': 0x86,
  'i64.shr_u': 0x88,
  'f32.add': 0x92,
  'f32.sub': 0x93,
  'f64.mul': 0xa2,
  'i32.wrap_i64': 0xa7,
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
  'f32.demote_f64': 0xb6,
  'f64.promote_f32': 0xbb,
  'i32.reinterpret_f32': 0xbc,
  'i64.reinterpret_f64': 0xbd,
  'f32.reinterpret_i32': 0xbe,
} as const;
export type Opcode = keyof typeof OPCODE;

/** Loads and stores, with log2 of their natural alignment. */
const MEMORY = {
  'i32.load': [0x28, 2],
  'f32.load': [0x2a, 2],
  'i32.load8_s': [0x2c, 0],
  'i32.load8_u': [0x2d, 0],
  'i32.load16_s': [0x2e, 1],
  'i32.load16_u': [0x2f, 1],
  'i32.store': [0x36, 2],
  'f32.store': [0x38, 2],
  'i32.store8': [0x3a, 0],
  'i32.store16': [0x3b, 1],
} as const;
export type MemoryOpcode = keyof typeof MEMORY;

const VOID_BLOCK = 0x40;
const END = 0x0b;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const more = rest > 0x7f;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

/** A local variable of the function being built. */
export interface Local {
  readonly index: number;
  readonly type: WasmType;
}

export class WasmFunction {
  private readonly code: number[] = [];
  /** The parameter, then the local variables. */
  private readonly locals: WasmType[] = ['i32'];
  readonly parameter: Local = { index: 0, type: 'i32' };
  private readonly labels: string[] = [];

  local(type: WasmType): Local {
    this.locals.push(type);
    return { index: this.locals.length - 1, type };
  }

  op(...names: readonly Opcode[]): this {
    for (const name of names) this.code.push(OPCODE[name]);
    return this;
  }

  const(value: number): this {
    this.code.push(0x41, ...signed(value));
    return this;
  }

  /** A 64-bit constant, of the value of an i32. */
  constLong(value: number): this {
    this.code.push(0x42, ...signed(value));
    return this;
  }

  get(local: Local): this {
    this.code.push(0x20, ...unsigned(local.index));
    return this;
  }

  set(local: Local): this {
    this.code.push(0x21, ...unsigned(local.index));
    return this;
  }

  memory(name: MemoryOpcode, offset: number): this {
    const [code, align] = MEMORY[name];
    this.code.push(code, align, ...unsigned(offset));
    return this;
  }

  block(label: string): this {
    return this.open(0x02, label);
  }

  loop(label: string): this {
    return this.open(0x03, label);
  }

  /** Takes a condition from the stack. */
  if(label: string): this {
    return this.open(0x04, label);
  }

  else(): this {
    this.code.push(0x05);
    return this;
  }

  private open(code: number, label: string): this {
    this.code.push(code, VOID_BLOCK);
    this.labels.push(label);
    return this;
  }

  end(): this {
    this.code.push(END);
    this.labels.pop();
    return this;
  }

  branch(label: string): this {
    this.code.push(0x0c, ...unsigned(this.depthOf(label)));
    return this;
  }

  /** Takes an index from the stack. The last label is also where an index past the end goes. */
  branchTable(labels: readonly string[]): this {
    const depths = labels.map((label) => this.depthOf(label));
    this.code.push(0x0e, ...unsigned(depths.length - 1), ...depths.flatMap((depth) => unsigned(depth)));
    return this;
  }

  unreachable(): this {
    this.code.push(0x00);
    return this;
  }

  /** Labels open now. */
  get depth(): number {
    return this.labels.length;
  }

  /** A place in the code to roll back to; the locals made since stay, unused. */
  mark(): { readonly code: number; readonly labels: number } {
    return { code: this.code.length, labels: this.labels.length };
  }

  rollBack(mark: { readonly code: number; readonly labels: number }): void {
    this.code.length = mark.code;
    this.labels.length = mark.labels;
  }

  private depthOf(label: string): number {
    const at = this.labels.lastIndexOf(label);
    if (at < 0) throw new RangeError(`no enclosing label ${label}`);
    return this.labels.length - 1 - at;
  }

  /** A module that imports `environment.memory` and exports this function as `run`, of type (i32) -> i32. */
  toModule(memoryPages: number): Uint8Array {
    const groups = this.locals.slice(1).map((type) => [1, TYPE_CODE[type]]);
    const body = [...unsigned(groups.length), ...groups.flat(), ...this.code, END];
    const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];
    const pages = unsigned(memoryPages);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, [1, 0x60, 1, TYPE_CODE.i32, 1, TYPE_CODE.i32]),
      ...section(2, [1, ...text('environment'), ...text('memory'), 2, 1, ...pages, ...pages]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...text('run'), 0, 0]),
      ...section(10, [1, ...unsigned(body.length), ...body]),
    ]);
  }
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}
