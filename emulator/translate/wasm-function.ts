/**
 * Builds one WebAssembly function: locals, labels by name instead of depth, opcodes by their text names. It
 * knows nothing of Arm.
 */
import {
  type MemoryOperator,
  memoryCode,
  type Operator,
  operatorCode,
  pushSigned,
  pushUnsigned,
  TYPE_CODE,
  unsigned,
  type WasmType,
} from './wasm-encoding.js';

/** A local variable of the function being built, or a parameter. */
export interface Local {
  readonly index: number;
  readonly type: WasmType;
}

const VOID_BLOCK = 0x40;
const END = 0x0b;

/** A place in the code where bytes are put in once the whole function is known. */
interface Gap {
  readonly at: number;
  readonly fill: () => readonly number[];
}

export class WasmFunction {
  private code: number[] = [];
  private readonly types: WasmType[];
  private readonly parameterCount: number;
  private labels: string[] = [];
  private readonly gaps: Gap[] = [];

  constructor(parameters: readonly WasmType[]) {
    this.types = [...parameters];
    this.parameterCount = parameters.length;
  }

  parameter(index: number): Local {
    return { index, type: this.types[index] as WasmType };
  }

  local(type: WasmType): Local {
    this.types.push(type);
    return { index: this.types.length - 1, type };
  }

  /** Parameters and local variables so far. */
  get localCount(): number {
    return this.types.length;
  }

  op(...names: readonly Operator[]): this {
    for (const name of names) this.code.push(operatorCode(name));
    return this;
  }

  const(value: number): this {
    this.code.push(0x41);
    pushSigned(this.code, value | 0);
    return this;
  }

  /** @param value an integer that a double holds exactly */
  constLong(value: number): this {
    this.code.push(0x42);
    pushSigned(this.code, value);
    return this;
  }

  constDouble(value: number): this {
    this.code.push(0x44, ...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }

  get(local: Local): this {
    this.code.push(0x20);
    pushUnsigned(this.code, local.index);
    return this;
  }

  set(local: Local): this {
    this.code.push(0x21);
    pushUnsigned(this.code, local.index);
    return this;
  }

  tee(local: Local): this {
    this.code.push(0x22);
    pushUnsigned(this.code, local.index);
    return this;
  }

  select(): this {
    this.code.push(0x1b);
    return this;
  }

  memory(name: MemoryOperator, offset: number): this {
    const [code, align] = memoryCode(name);
    this.code.push(code, align);
    pushUnsigned(this.code, offset);
    return this;
  }

  block(label: string): this {
    return this.open(0x02, label);
  }

  loop(label: string): this {
    return this.open(0x03, label);
  }

  /** Takes a condition from the stack. */
  if(label: string, result?: WasmType): this {
    return this.open(0x04, label, result);
  }

  else(): this {
    this.code.push(0x05);
    return this;
  }

  private open(code: number, label: string, result?: WasmType): this {
    this.code.push(code, result === undefined ? VOID_BLOCK : TYPE_CODE[result]);
    this.labels.push(label);
    return this;
  }

  end(): this {
    this.code.push(END);
    this.labels.pop();
    return this;
  }

  branch(label: string): this {
    this.code.push(0x0c);
    pushUnsigned(this.code, this.depthOf(label));
    return this;
  }

  /** Takes a condition from the stack. */
  branchIf(label: string): this {
    this.code.push(0x0d);
    pushUnsigned(this.code, this.depthOf(label));
    return this;
  }

  return(): this {
    this.code.push(0x0f);
    return this;
  }

  unreachable(): this {
    this.code.push(0x00);
    return this;
  }

  call(functionIndex: number): this {
    this.code.push(0x10);
    pushUnsigned(this.code, functionIndex);
    return this;
  }

  /** Takes the element's index from the stack. */
  callIndirect(typeIndex: number): this {
    this.code.push(0x11);
    pushUnsigned(this.code, typeIndex);
    this.code.push(0);
    return this;
  }

  /** As `callIndirect`, in place of this function's own return. */
  returnCallIndirect(typeIndex: number): this {
    this.code.push(0x13);
    pushUnsigned(this.code, typeIndex);
    this.code.push(0);
    return this;
  }

  /** Leaves room here for code that is known only when all of the function is. */
  gap(emit: (f: WasmFunction) => void): this {
    const fill = (): readonly number[] => {
      const outer = this.code;
      this.code = [];
      emit(this);
      const filled = this.code;
      this.code = outer;
      return filled;
    };
    this.gaps.push({ at: this.code.length, fill });
    return this;
  }

  private depthOf(label: string): number {
    const at = this.labels.lastIndexOf(label);
    if (at < 0) throw new RangeError(`no enclosing label ${label}`);
    return this.labels.length - 1 - at;
  }

  /** The entry of the code section. */
  body(): Uint8Array {
    const pieces: (readonly number[])[] = [];
    let from = 0;
    for (const { at, fill } of this.gaps) {
      pieces.push(this.code.slice(from, at), fill());
      from = at;
    }
    pieces.push(this.code.slice(from), [END]);
    const locals = this.types.slice(this.parameterCount).flatMap((type) => [1, TYPE_CODE[type]]);
    const head = [...unsigned(this.types.length - this.parameterCount), ...locals];
    const size = pieces.reduce((sum, piece) => sum + piece.length, head.length);
    const bytes = new Uint8Array(unsigned(size).length + size);
    let to = 0;
    for (const piece of [unsigned(size), head, ...pieces]) {
      bytes.set(piece, to);
      to += piece.length;
    }
    return bytes;
  }
}
