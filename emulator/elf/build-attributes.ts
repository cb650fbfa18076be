/**
 * What a program was built for, as its tools noted it in .ARM.attributes (Arm ABI Addenda32, "Build
 * Attributes"). Attributes of single sections or symbols are passed over: a linked file has none.
 */
import { elfError } from './elf-error.js';

/** Of the whole file, by the public tags; 0 or empty where the file is silent, as the ABI has it. */
export interface BuildAttributes {
  /** Tag_CPU_name, "7E-M". */
  readonly cpuName: string;
  /** Tag_CPU_arch. */
  readonly cpuArch: number;
  /** Tag_CPU_arch_profile: a character's code, 'A', 'R', 'M' or 'S'. */
  readonly cpuProfile: number;
  /** Tag_FP_arch. */
  readonly fpArch: number;
  /** Tag_Advanced_SIMD_arch. */
  readonly simdArch: number;
  /** Tag_ABI_HardFP_use: 1 single precision alone; 0 and 3 whatever Tag_FP_arch has. */
  readonly hardFloatUse: number;
  /** Tag_ABI_VFP_args: 0 FP arguments in core registers, 1 in FP registers, 3 no FP arguments. */
  readonly floatArguments: number;
}

const TAGS = { file: 1, cpuName: 5, compatibility: 32 } as const;
/** Tags below 32 that hold text; from 33 on the odd ones do. */
const TEXT_TAGS: ReadonlySet<number> = new Set([4, 5]);

const NUMBERS: Readonly<Record<number, Exclude<keyof BuildAttributes, 'cpuName'>>> = {
  6: 'cpuArch',
  7: 'cpuProfile',
  10: 'fpArch',
  12: 'simdArch',
  27: 'hardFloatUse',
  28: 'floatArguments',
};

/** Reads on from a place; past the end is an error of the file. */
class Cursor {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
    private readonly file: string,
  ) {}

  get more(): boolean {
    return this.at < this.end;
  }

  private byte(): number {
    if (!this.more) throw this.broken('its data must end within it');
    return this.bytes[this.at++] as number;
  }

  /** ULEB128, of 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
      if (shift > 28) throw this.broken('a number in it must fit 32 bits');
    }
  }

  word(): number {
    return this.byte() + this.byte() * 0x100 + this.byte() * 0x10000 + this.byte() * 0x1000000;
  }

  text(): string {
    const codes: number[] = [];
    for (let code = this.byte(); code !== 0; code = this.byte()) codes.push(code);
    return new TextDecoder().decode(Uint8Array.from(codes));
  }

  /** The part of `size` bytes that began at `start`; this one goes on behind it. */
  part(start: number, size: number): Cursor {
    const end = start + size;
    if (end < this.at || end > this.end) throw this.broken('the size of a part must fit into it');
    const part = new Cursor(this.bytes, this.at, end, this.file);
    this.at = end;
    return part;
  }

  private broken(expected: string) {
    return elfError(this.file, {
      code: 'elf-attributes',
      field: `.ARM.attributes, byte ${this.at}`,
      expected,
    });
  }
}

/** @param data the section's bytes. @returns undefined for a file without it */
export function readBuildAttributes(data: Uint8Array | undefined, file: string): BuildAttributes | undefined {
  // 'A' is the format's only version.
  if (data === undefined || data[0] !== 0x41) return undefined;
  const found: Record<string, string | number> = {};
  const whole = new Cursor(data, 1, data.length, file);
  while (whole.more) {
    const start = whole.at;
    const vendor = whole.part(start, whole.word());
    if (vendor.text() === 'aeabi') readVendor(vendor, found);
  }
  const none = { cpuName: '', cpuArch: 0, cpuProfile: 0, fpArch: 0, simdArch: 0 };
  return { ...none, hardFloatUse: 0, floatArguments: 0, ...found };
}

function readVendor(vendor: Cursor, found: Record<string, string | number>): void {
  while (vendor.more) {
    const start = vendor.at;
    const scope = vendor.number();
    const part = vendor.part(start, vendor.word());
    while (scope === TAGS.file && part.more) readAttribute(part, found);
  }
}

function readAttribute(part: Cursor, found: Record<string, string | number>): void {
  const tag = part.number();
  const isText = TEXT_TAGS.has(tag) || (tag > TAGS.compatibility && tag % 2 === 1);
  if (tag === TAGS.compatibility) part.number();
  const value = isText || tag === TAGS.compatibility ? part.text() : part.number();
  const name = tag === TAGS.cpuName ? 'cpuName' : NUMBERS[tag];
  if (name !== undefined) found[name] = value;
}
