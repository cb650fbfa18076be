/**
 * Random programs for an STM32L496: functions of random instructions with every way to go on (branches both
 * ways, loops, IT blocks, tables, calls, returns), called again and again by a loop without end. A seed gives
 * the same program on every machine. Faults are handled: what faulted is skipped.
 */
import type { ElfImage, ElfSymbol } from '../../../emulator/index.js';
import { below, makeRandom, pick, type Random } from '../decode/random-words.js';
import { CONDITIONS, CodeWriter, Label } from './code-writer.js';
import { DATA_REGISTERS, randomInstruction } from './random-instructions.js';

const FLASH = 0x0800_0000;
const RAM_CODE = 0x2001_0000;
const RAM_CODE_BYTES = 0x800;
const STACK = 0x2004_0000;
const SEED_AT = 0x2000_0040;
const TICKS_AT = 0x2000_0100;
/** Behind the code, so that literals behind it are not all ones. */
const FILL_BYTES = 4096;
const VECTORS = 32;
/** Instructions that a loop or a call may stand for, by estimate. */
const MOST_CALLED = 1200;

/** Addresses where accesses go wrong, or elsewhere than to RAM: edges, flash, nothing, GPIOA, odd ones. */
const ODD_PLACES = [
  0x2004_fff8, 0x2005_0000, 0x0800_0100, 0x7000_0000, 0x4800_0000, 0x2000_7001, 0x1000_0002,
];

interface Called {
  readonly label: Label;
  readonly cost: number;
}

/** Code of functions; main and the vectors are around it. */
class FunctionMaker {
  /** How often the code that is being written is run for one call of its function. */
  private repeats = 1;
  private cost = 0;
  private loops = 0;

  constructor(
    private readonly code: CodeWriter,
    private readonly random: Random,
    private readonly callees: readonly Called[],
  ) {}

  private chance(of: number): boolean {
    return below(this.random, of) === 0;
  }

  private put(...halfwords: readonly number[]): void {
    this.code.put(...halfwords);
    this.cost += this.repeats;
  }

  private condition(): number {
    return below(this.random, CONDITIONS);
  }

  /** Where R6, R7, R9 and R10 point while this function runs, until write-back moves them. */
  private pointers(): void {
    const { code, random } = this;
    this.put(0x2600 | below(random, 64));
    code.constant(7, 0x2000_3000 + 4 * below(random, 1024));
    code.constant(9, 0x2000_6000 + 4 * below(random, 1024) + (this.chance(30) ? 1 + below(random, 3) : 0));
    code.constant(10, this.chance(16) ? pick(random, ODD_PLACES) : 0x2000_9000 + 4 * below(random, 1024));
    this.cost += 6 * this.repeats;
  }

  private straight(most: number): void {
    for (let count = 1 + below(this.random, most); count > 0; count--)
      this.put(...randomInstruction(this.random, false).halfwords);
  }

  /** One to four instructions; the last may go elsewhere. @param last a jump or a return */
  private ifThen(last?: () => void): void {
    const { random } = this;
    const count = 1 + below(random, 4);
    const first = below(random, CONDITIONS);
    const alternatives = below(random, 8) & ((1 << (count - 1)) - 1);
    const mask = Array.from({ length: count - 1 }, (_, k) => ((alternatives >> k) & 1) ^ (first & 1));
    const bits = [...mask, 1, 0, 0, 0].slice(0, 4);
    this.put(0xbf00 | (first << 4) | bits.reduce((sum, bit) => 2 * sum + bit, 0));
    const own = last === undefined ? count : count - 1;
    for (let k = 0; k < own; k++) this.put(...randomInstruction(random, true).halfwords);
    last?.();
  }

  private skip(depth: number): void {
    const over = new Label();
    const narrow = this.chance(2);
    if (this.chance(3)) this.code.compareAndBranch(below(this.random, 6), this.chance(2), over);
    else if (narrow) this.code.branchNarrow(this.condition(), over);
    else this.code.branchWide(this.condition(), over);
    if (depth > 0 && !narrow && this.chance(2)) this.straight(8);
    else this.straight(6);
    this.code.place(over);
  }

  private eitherOr(depth: number): void {
    const [other, end] = [new Label(), new Label()];
    this.code.branchWide(this.condition(), other);
    this.items(depth - 1, 2);
    this.code.jump(end);
    this.code.place(other);
    this.items(depth - 1, 2);
    this.code.place(end);
  }

  private loop(depth: number): void {
    const { code, random } = this;
    const counter = this.loops++ === 0 ? 11 : 8;
    const turns = 2 + below(random, this.loops === 1 ? 12 : 5);
    this.put(0xf04f, (counter << 8) | turns);
    const [head, out] = [new Label(), new Label()];
    code.place(head);
    this.repeats *= turns;
    if (this.chance(2)) this.pointers();
    this.items(depth - 1, 3);
    if (this.chance(3)) code.branchWide(this.condition(), out);
    this.put(0xf1b0 | counter, (counter << 8) | 1);
    this.backwards(head);
    this.repeats /= turns;
    this.loops--;
    code.place(out);
  }

  /** BNE to the head, in one of the ways there are. */
  private backwards(head: Label): void {
    const { code } = this;
    const near = code.address - (head.at ?? 0) < 240;
    if (this.chance(4) && code.address - (head.at ?? 0) < 2000) {
      this.put(0xbf18);
      code.jump(head);
    } else if (near && !this.chance(4)) code.branchNarrow(1, head);
    else code.branchWide(1, head);
  }

  private table(depth: number): void {
    const { code, random } = this;
    const wide = this.chance(2);
    this.put(0xf000 | pick(random, DATA_REGISTERS), 0x0503);
    this.put(0xe8df, wide ? 0xf015 : 0xf005);
    const cases = [new Label(), new Label(), new Label(), new Label()];
    const end = new Label();
    code.tableEntries(cases, wide);
    for (const label of cases) {
      code.place(label);
      if (depth > 0 && this.chance(3)) this.ifThen();
      else this.straight(3);
      code.jump(end);
    }
    code.place(end);
  }

  private call(): void {
    const { code, random } = this;
    const fitting = this.callees.filter(({ cost }) => cost * this.repeats < MOST_CALLED);
    if (fitting.length === 0) {
      this.straight(4);
      return;
    }
    const { label, cost } = pick(random, fitting);
    if (this.chance(3)) {
      code.codeAddress(5, label);
      this.put(0x47a8);
    } else code.far(label, true);
    this.cost += cost * this.repeats;
  }

  /** MRS, MSR of the flags, CPS, SVC. */
  private system(): void {
    const { random } = this;
    const register = pick(random, DATA_REGISTERS);
    const special = pick(random, [0, 3, 5, 8, 9, 16, 17, 20]);
    const choices: readonly (readonly number[])[] = [
      [0xf3ef, 0x8000 | (register << 8) | special],
      [0xf380 | register, 0x8c00],
      [0xb672, 0x3001, 0xb662],
      [0xdf00 | below(random, 256)],
    ];
    this.put(...pick(random, choices));
  }

  private items(depth: number, most: number): void {
    for (let count = 1 + below(this.random, most); count > 0; count--) this.item(depth);
  }

  private item(depth: number): void {
    const kind = below(this.random, depth > 0 ? 12 : 6);
    if (kind < 3) this.straight(10);
    else if (kind === 3) this.ifThen();
    else if (kind === 4) this.skip(depth);
    else if (kind === 5) this.chance(6) ? this.system() : this.straight(6);
    else if (kind < 9 && this.loops < 2) this.loop(depth);
    else if (kind === 9) this.eitherOr(depth);
    else if (kind === 10) this.table(depth);
    else this.call();
  }

  /** A return in the middle, where the condition of its IT block says so. */
  private earlyReturn(): void {
    const condition = this.condition();
    // ITT: the second bit of the mask is the condition's lowest.
    this.put(0xbf04 | (condition << 4) | ((condition & 1) << 3));
    this.put(0xb010);
    this.put(0xe8bd, 0x8900);
  }

  /** @returns about how many instructions a call takes */
  make(label: Label): number {
    const { code } = this;
    code.align();
    code.place(label);
    this.put(0xe92d, 0x4900);
    this.put(0xb090);
    this.pointers();
    this.items(2, 4);
    if (this.chance(3)) this.earlyReturn();
    this.items(2, 4);
    this.put(0xb010);
    if (this.chance(2)) this.put(0xe8bd, 0x8900);
    else {
      this.put(0xe8bd, 0x4900);
      this.put(0x4770);
    }
    return this.cost;
  }
}

/** What faulted is skipped, whatever it was, or, where there is no code, the turn; the fault is cleared. */
function faultHandler(code: CodeWriter, turn: Label): void {
  const [known, store] = [new Label(), new Label()];
  code.put(0x9806, 0x0e01);
  code.branchNarrow(1, known);
  code.codeAddress(0, turn);
  code.put(0x3801);
  code.jump(store);
  code.place(known);
  code.put(0x8801, 0x0ac9, 0x291d, 0xbf2c, 0x3004, 0x3002);
  code.place(store);
  code.put(0x9006, 0x9907);
  code.constant(2, 0x0600_fc00);
  code.put(0x4391, 0x9107);
  code.constant(2, 0xe000_ed28);
  code.put(0x6811, 0x6011, 0x6851, 0x6051, 0x4770);
}

/** Counts, and comes to the FPU. */
function tickHandler(code: CodeWriter): void {
  code.constant(0, TICKS_AT);
  code.put(0x6801, 0x3101, 0x6001, 0xee30, 0x0a81, 0x4770);
}

function poke(code: CodeWriter, address: number, value: number): void {
  code.constant(0, address);
  code.constant(1, value);
  code.put(0x6001, 0xf3bf, 0x8f4f, 0xf3bf, 0x8f6f);
}

/** The FPU on, faults with handlers of their own, perhaps a trap for divides by zero, perhaps SysTick. */
function setUp(code: CodeWriter, random: Random): void {
  poke(code, 0xe000_ed88, 0x00f0_0000);
  poke(code, 0xe000_ed24, 0x0007_0000);
  if (below(random, 6) === 0) poke(code, 0xe000_ed14, 0x210);
  if (below(random, 2) === 0) {
    poke(
      code,
      0xe000_e014,
      below(random, 4) === 0 ? 200 + below(random, 1000) : 2000 + below(random, 20_000),
    );
    poke(code, 0xe000_e010, 7);
  }
  poke(code, SEED_AT, random());
}

/** A stack anew, and words that no turn has seen: in R0 to R2 and in three S registers. */
function newTurn(code: CodeWriter, random: Random): void {
  code.constant(0, STACK);
  code.put(0x4685);
  code.constant(7, SEED_AT);
  code.put(0x6838);
  code.constant(1, 1664525);
  code.put(0x4348);
  code.constant(1, 1013904223);
  code.put(0x1840, 0x6038, 0x4601, 0x4341, 0xea81, 0x1230);
  for (let k = 0; k < 3; k++) {
    const s = below(random, 32);
    code.put(0xee00 | (s >> 1), 0x0a10 | (k << 12) | ((s & 1) << 7));
  }
  if (below(random, 2) === 0) code.put(0x2500, 0xeee1, 0x5a10);
}

/** Calls the function in RAM; its first instruction is another one every few turns. */
function callRamCode(code: CodeWriter): void {
  code.constant(7, RAM_CODE);
  // uxtb r1, r0; orr r1, #0x2000; lsls r2, r0, #29; it eq; strheq r1, [r7]
  code.put(0xb2c1, 0xf441, 0x5100, 0x0742, 0xbf08, 0x8039);
  code.constant(7, RAM_CODE | 1);
  code.put(0x47b8);
}

/** movs r0, #0, which will be changed; then as any function. */
function ramFunction(random: Random): Uint8Array {
  const code = new CodeWriter(RAM_CODE);
  code.put(0x2000, 0xbf00);
  new FunctionMaker(code, random, []).make(new Label());
  const bytes = code.finish();
  return bytes.length > RAM_CODE_BYTES ? Uint8Array.of(0x00, 0x20, 0x70, 0x47) : bytes;
}

function symbolOf(name: string, address: number, size: number): ElfSymbol {
  return { name, address, thumb: true, size, type: 'function', binding: 'global', section: 0 };
}

function segmentOf(address: number, fileBytes: Uint8Array): ElfImage['segments'][number] {
  const flags = { read: true, write: true, execute: true };
  return {
    physicalAddress: address,
    virtualAddress: address,
    fileBytes,
    memorySize: fileBytes.length,
    flags,
  };
}

function imageOf(name: string, segments: ElfImage['segments'], symbols: readonly ElfSymbol[]): ElfImage {
  const functions = [...symbols].sort((a, b) => b.address - a.address);
  return {
    name,
    entry: FLASH,
    segments,
    sections: [],
    symbols,
    attributes: undefined,
    sectionBytes: () => undefined,
    symbol: (wanted) => symbols.find((symbol) => symbol.name === wanted),
    symbolAt: (address) => functions.find((symbol) => symbol.address <= address),
  };
}

function vectorTable(reset: Label, fault: Label, call: Label, tick: Label): Uint8Array {
  const of = ({ at = 0 }: Label): number => at | 1;
  const words = Array.from({ length: VECTORS }, (_, k) => (k < 2 ? STACK : of(fault)));
  words[1] = of(reset);
  words[11] = of(call);
  words[15] = of(tick);
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** A program, as the file that it might have come from. */
export function randomProgram(seed: number): ElfImage {
  const random = makeRandom(seed);
  const code = new CodeWriter(FLASH + 4 * VECTORS);
  const functions: (Called & { readonly name: string })[] = [];
  for (let n = 3 + below(random, 5); n > 0; n--) {
    const label = new Label();
    const cost = new FunctionMaker(code, random, functions).make(label);
    functions.push({ label, cost, name: `f${functions.length}` });
  }
  const [reset, fault, call, tick, turn] = [new Label(), new Label(), new Label(), new Label(), new Label()];
  code.align();
  code.place(fault);
  faultHandler(code, turn);
  code.place(tick);
  tickHandler(code);
  code.place(call);
  code.put(0x4770);
  code.place(reset);
  setUp(code, random);
  code.place(turn);
  newTurn(code, random);
  for (const { label } of functions.slice(-3)) code.far(label, true);
  if (below(random, 3) === 0) callRamCode(code);
  code.far(turn, false);
  code.put(...Array.from({ length: FILL_BYTES / 2 }, () => random()));
  const bytes = code.finish();
  const symbols = [
    ...functions.map(({ name, label }) => symbolOf(name, label.at ?? 0, 0)),
    ...Object.entries({ fault, tick, call, reset, turn }).map(([name, { at = 0 }]) => symbolOf(name, at, 0)),
  ];
  const ram = segmentOf(RAM_CODE, ramFunction(random));
  const segments = [
    segmentOf(FLASH, vectorTable(reset, fault, call, tick)),
    segmentOf(FLASH + 4 * VECTORS, bytes),
    ram,
  ];
  return imageOf(`random program ${seed}`, segments, symbols);
}
