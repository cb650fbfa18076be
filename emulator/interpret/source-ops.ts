/**
 * The interpreter's reading of an instruction: its meaning as JavaScript source. One decoded instruction
 * becomes one function of its own address, `(pc) => next pc`, an odd result meaning that X.SIGNAL holds a
 * reason.
 */

import { Outcome, Signal, X } from '../core/state.js';
import type { Access, Ops, Values } from '../isa/ops.js';

/** Values are expressions; what must be bound is a `const` by the time it is one. */
export interface Source extends Values {
  readonly i32: string;
  readonly i64: { readonly low: string; readonly high: string };
  /** The bits, as an i32. */
  readonly f32: string;
  readonly bool: string;
}

const LOADS: Readonly<Record<string, string>> = {
  '1': 'load8',
  '1s': 'load8s',
  '2': 'load16',
  '2s': 'load16s',
  '4': 'load32',
  '2a': 'loadAligned16',
  '4a': 'loadAligned32',
  '1a': 'load8',
};
const STORES: Readonly<Record<string, string>> = {
  '1': 'store8',
  '2': 'store16',
  '4': 'store32',
  '1a': 'store8',
  '2a': 'storeAligned16',
  '4a': 'storeAligned32',
};

const accessKey = (access: Access): string =>
  `${access.size}${access.aligned === true ? 'a' : ''}${access.signed === true ? 's' : ''}`;

export class SourceOps implements Ops<Source> {
  inITBlock = false;
  private lines: string[] = [];
  private leave = '';
  private names = 0;
  /** Numbers that the body names p0, p1 and so on. */
  parameters: number[] = [];
  /** True once the meaning has written the PC. */
  jumps = false;

  /** An instruction, or a condition. @param nextIT the ITSTATE after it, for one inside an IT block */
  begin(nextIT: number | undefined): void {
    this.inITBlock = nextIT !== undefined;
    this.leave = nextIT === undefined ? '' : `X[${X.ITSTATE}] = ${nextIT}; `;
    this.lines = [];
    this.names = 0;
    this.parameters = [];
    this.jumps = false;
  }

  /** A number that instructions of the same body differ in. */
  private parameter(value: number): string {
    return `p${this.parameters.push(value) - 1}`;
  }

  /** The statements so far. */
  statements(): string {
    return this.lines.join('\n');
  }

  /** The whole body: it ends by going on to `size` bytes further. */
  body(size: number): string {
    return `${this.statements()}\n${this.leave}return pc + ${size} | 0;`;
  }

  private emit(line: string): void {
    this.lines.push(line);
  }

  private bind(expression: string): string {
    const name = `t${this.names++}`;
    this.emit(`const ${name} = ${expression};`);
    return name;
  }

  private bindLong(expression: string): Source['i64'] {
    const low = this.bind(expression);
    return { low, high: this.bind('high()') };
  }

  private signal(signal: number, argument = '0'): void {
    this.emit(`X[${X.SIGNAL}] = ${signal}; X[${X.SIGNAL_ARGUMENT}] = ${argument}; ${this.leave}return 1;`);
  }

  R = (n: number): string => this.bind(`R[${this.parameter(n)}]`);
  setR = (n: number, value: string): void =>
    this.emit(n === 13 ? `setSP(${value});` : `R[${this.parameter(n)}] = ${value};`);
  PC = (): string => '(pc + 4 | 0)';
  imm = (value: number): string => this.parameter(value | 0);

  flag(flag: 'N' | 'Z' | 'C' | 'V'): string {
    if (flag === 'N') return this.bind(`X[${X.N}] < 0`);
    if (flag === 'Z') return this.bind(`X[${X.Z}] === 0`);
    return this.bind(`X[${X[flag]}] !== 0`);
  }
  setNZ = (result: string): void => this.emit(`X[${X.N}] = X[${X.Z}] = ${result};`);
  setFlagNZ = (n: string, z: string): void =>
    this.emit(`X[${X.N}] = ${n} ? -1 : 0; X[${X.Z}] = ${z} ? 0 : 1;`);
  setC = (carry: string): void => this.emit(`X[${X.C}] = ${carry} ? 1 : 0;`);
  setV = (overflow: string): void => this.emit(`X[${X.V}] = ${overflow} ? 1 : 0;`);
  setQ = (saturated: string): void => this.emit(`if (${saturated}) X[${X.Q}] = 1;`);

  GE = (): string => this.bind(`X[${X.GE}]`);
  setGE = (flags: string): void => this.emit(`X[${X.GE}] = ${flags};`);

  add = (a: string, b: string): string => this.bind(`${a} + ${b} | 0`);
  sub = (a: string, b: string): string => this.bind(`${a} - ${b} | 0`);
  mul = (a: string, b: string): string => this.bind(`Math.imul(${a}, ${b})`);
  and = (a: string, b: string): string => `(${a} & ${b})`;
  or = (a: string, b: string): string => `(${a} | ${b})`;
  xor = (a: string, b: string): string => `(${a} ^ ${b})`;
  not = (a: string): string => `(~${a})`;
  shl = (a: string, amount: string): string => `(${a} << ${amount})`;
  shr = (a: string, amount: string): string => `(${a} >>> ${amount} | 0)`;
  sar = (a: string, amount: string): string => `(${a} >> ${amount})`;
  ror(a: string, amount: string): string {
    const by = this.bind(amount);
    return `(${a} >>> ${by} | ${a} << (32 - ${by}))`;
  }
  clz = (a: string): string => `Math.clz32(${a})`;
  divS = (a: string, b: string): string => this.divide('divS', a, b);
  divU = (a: string, b: string): string => this.divide('divU', a, b);

  private divide(name: string, a: string, b: string): string {
    const quotient = this.bind(`${name}(${a}, ${b})`);
    this.leaveOnSignal();
    return quotient;
  }

  eq = (a: string, b: string): string => `(${a} === ${b})`;
  ltS = (a: string, b: string): string => `(${a} < ${b})`;
  ltU = (a: string, b: string): string => `(${a} >>> 0 < ${b} >>> 0)`;
  carryOut = (x: string, y: string, result: string): string =>
    `((${x} & ${y} | (${x} | ${y}) & ~${result}) < 0)`;
  overflowOut = (x: string, y: string, result: string): string =>
    `(((${x} ^ ${result}) & (${y} ^ ${result})) < 0)`;

  bool = (value: boolean): string => String(value);
  both = (a: string, b: string): string => `(${a} && ${b})`;
  either = (a: string, b: string): string => `(${a} || ${b})`;
  negate = (a: string): string => `(!${a})`;
  toI32 = (a: string): string => (a === 'true' ? '1' : a === 'false' ? '0' : `(${a} ? 1 : 0)`);
  select = (condition: string, a: string, b: string): string => `(${condition} ? ${a} : ${b})`;
  selectBool = (condition: string, a: string, b: string): string => `(${condition} ? ${a} : ${b})`;

  mulLongS = (a: string, b: string): Source['i64'] => this.bindLong(`mulLongS(${a}, ${b})`);
  mulLongU = (a: string, b: string): Source['i64'] => this.bindLong(`mulLongU(${a}, ${b})`);
  long = (high: string, low: string): Source['i64'] => ({ low, high });
  addLong = (a: Source['i64'], b: Source['i64']): Source['i64'] =>
    this.bindLong(`addLong(${a.low}, ${a.high}, ${b.low}, ${b.high})`);
  low = (a: Source['i64']): string => a.low;
  high = (a: Source['i64']): string => a.high;

  load(access: Access, address: string): string {
    this.emitPrivilege(access, 1);
    const value = this.bind(`${LOADS[accessKey(access)]}(${address})`);
    this.emitPrivilege(access, 0);
    this.leaveOnSignal();
    return value;
  }
  store(access: Access, address: string, value: string): void {
    this.emitPrivilege(access, 1);
    this.emit(`${STORES[accessKey({ ...access, signed: false })]}(${address}, ${value});`);
    this.emitPrivilege(access, 0);
    this.leaveOnSignal();
  }
  private emitPrivilege({ unprivileged }: Access, asUnprivileged: 0 | 1): void {
    if (unprivileged === true) this.emit(`X[${X.AS_UNPRIVILEGED}] = ${asUnprivileged};`);
  }
  /** A faulting access abandons the instruction, ITSTATE included. */
  private leaveOnSignal(): void {
    this.emit(`if (X[${X.SIGNAL}] !== 0) return 1;`);
  }

  markExclusive = (): void => this.emit(`X[${X.EXCLUSIVE}] = 1;`);
  isExclusive = (): string => this.bind(`X[${X.EXCLUSIVE}] !== 0`);
  clearExclusive = (): void => this.emit(`X[${X.EXCLUSIVE}] = 0;`);

  if(condition: string, then: () => void, otherwise?: () => void): void {
    this.emit(`if (${condition}) {`);
    then();
    if (otherwise !== undefined) {
      this.emit('} else {');
      otherwise();
    }
    this.emit('}');
  }
  branch = (target: string): void => this.jump(`${target} & -2`);
  branchExchange = (target: string): void => this.jump(`branchExchange(${target})`);
  branchLinkExchange = (target: string): void => this.jump(`branchLinkExchange(${target})`);
  private jump(target: string): void {
    this.jumps = true;
    this.emit(`X[${X.OUTCOME}] = ${Outcome.taken}; ${this.leave}return ${target};`);
  }

  supervisorCall = (imm8: number): void => this.signal(Signal.supervisorCall, String(imm8));
  breakpoint = (imm8: number): void => this.signal(Signal.breakpoint, String(imm8));
  undefinedInstruction = (): void => this.emit(`X[${X.SIGNAL}] = ${Signal.undefinedInstruction}; return 1;`);
  hint(hint: string): void {
    if (hint === 'SEV') this.emit(`X[${X.EVENT_REGISTER}] = 1;`);
    else if (hint === 'WFI') this.signal(Signal.waitForInterrupt);
    else if (hint === 'WFE') this.signal(Signal.waitForEvent);
  }
  /** One core, memory in order: nothing to wait for. */
  barrier = (): void => undefined;
  setITState = (firstcondMask: number): void => this.emit(`X[${X.ITSTATE}] = ${firstcondMask};`);
  readSpecial = (SYSm: number): string => this.bind(`readSpecial(${SYSm})`);
  writeSpecial = (SYSm: number, mask: number, value: string): void =>
    this.emit(`writeSpecial(${SYSm}, ${mask}, ${value});`);
  changeProcessorState = (disable: boolean, primask: boolean, faultmask: boolean): void =>
    this.emit(`changeProcessorState(${disable}, ${primask}, ${faultmask});`);

  S = (n: number): string => this.bind(`S[${this.parameter(n)}]`);
  setS = (n: number, value: string): void => this.emit(`S[${this.parameter(n)}] = ${value};`);
  bitsOf = (a: string): string => a;
  fromBits = (a: string): string => a;
  fpAdd = (a: string, b: string): string => this.bind(`fp.add(${a}, ${b})`);
  fpSub = (a: string, b: string): string => this.bind(`fp.sub(${a}, ${b})`);
  fpMul = (a: string, b: string): string => this.bind(`fp.mul(${a}, ${b})`);
  fpDiv = (a: string, b: string): string => this.bind(`fp.div(${a}, ${b})`);
  fpSqrt = (a: string): string => this.bind(`fp.sqrt(${a})`);
  fpMulAdd = (addend: string, a: string, b: string): string => this.bind(`fp.mulAdd(${addend}, ${a}, ${b})`);
  fpCompare = (a: string, b: string, signalling: boolean): void =>
    this.emit(`fp.compare(${a}, ${b}, ${signalling});`);
  fpToFixed = (a: string, width: number, fraction: number, unsigned: boolean, towardsZero: boolean): string =>
    this.bind(`fp.toFixed(${a}, ${width}, ${fraction}, ${unsigned}, ${towardsZero})`);
  fixedToFP = (a: string, fraction: number, unsigned: boolean, toNearest: boolean): string =>
    this.bind(`fp.fromFixed(${a}, ${fraction}, ${unsigned}, ${toNearest})`);
  halfToFP = (a: string): string => this.bind(`fp.fromHalf(${a})`);
  fpToHalf = (a: string): string => this.bind(`fp.toHalf(${a})`);
  readFPSCR = (): string => this.bind(`X[${X.FPSCR}]`);
  writeFPSCR = (value: string): void => this.emit(`writeFPSCR(${value});`);
}
