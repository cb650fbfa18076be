/**
 * GNU objdump as the witness of assembly text. Every encoding gets a slot of its own, so that no encoding can
 * put the next one out of step, and thousands share one process.
 *
 * Options are the plainest: `-D -b binary -m arm -M force-thumb`. For a raw binary, binutils 2.40 decodes
 * every Arm architecture (-m armv7e-m prints the very same), so that encodings which ARMv7-M leaves undefined
 * may carry an A-profile or ARMv8 text (setend, sevl, hlt, Advanced SIMD). It cannot judge what is undefined.
 * A halfword from 0xe800 up is no encoding by itself: given alone, it is read with the filler behind it.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, scratchFolder, type Tool } from './tool.js';

const OBJDUMP: Tool = { program: 'arm-none-eabi-objdump', debianPackage: 'binutils-arm-none-eabi' };

/** Halfwords a slot: an IT and a 32-bit encoding, then at least as many fillers as an IT can govern. */
const SLOT_HALFWORDS = 8;
/** `adds r0, r0, #0`: not zero, which objdump would elide, and no hint, which might pass for an IT. */
const FILLER = 0x1c00;
const IT_EQ = 0xbf08;
/** High, so that a branch backwards from the first slot stays positive. */
const BASE = 0x4000_0000;
const ENCODINGS_PER_RUN = 65_536;

export interface DisassembleOptions {
  /** Puts `it eq` before each encoding; the text then carries the condition, as in `addeq r0, r0, r1`. */
  readonly inItBlock?: boolean;
  /** Where each encoding is said to stand, for the targets of branches; 0 by default. */
  readonly address?: number;
}

export interface Disassembly {
  /** Mnemonic, one space, operands; a branch's target is `0x...`. `undefined` if there is none. */
  readonly text: string;
  /** What followed `@` or `;`, such as `<UNPREDICTABLE>` or a literal's address; often empty. */
  readonly comment: string;
}

/**
 * The text of each encoding, in order. A value above 0xffff is a 32-bit encoding, first halfword on top
 * (`0xf000f800`); another is a 16-bit one. Throws MissingWitness without arm-none-eabi-objdump.
 */
export function disassemble(encodings: readonly number[], options: DisassembleOptions = {}): string[] {
  return disassembleWithComments(encodings, options).map(({ text }) => text);
}

/** As `disassemble`, with objdump's remarks. */
export function disassembleWithComments(
  encodings: readonly number[],
  options: DisassembleOptions = {},
): Disassembly[] {
  const result: Disassembly[] = [];
  for (let first = 0; first < encodings.length; first += ENCODINGS_PER_RUN) {
    result.push(...listing(encodings.slice(first, first + ENCODINGS_PER_RUN), options));
  }
  return result;
}

function listing(encodings: readonly number[], options: DisassembleOptions): Disassembly[] {
  const file = join(scratchFolder(), 'encodings.bin');
  writeFileSync(file, slots(encodings, options));
  const args = ['-D', '-b', 'binary', '-m', 'arm', '-M', 'force-thumb', '--no-show-raw-insn'];
  const { stdout, stderr, status } = runTool(OBJDUMP, [...args, `--adjust-vma=0x${BASE.toString(16)}`, file]);
  rmSync(file);
  if (status !== 0) throw new Error(`${OBJDUMP.program} exited with ${status}: ${stderr}`);
  const lines = linesByAddress(stdout);
  return encodings.map((encoding, slot) => {
    const at = BASE + 2 * (SLOT_HALFWORDS * slot + (options.inItBlock === true ? 1 : 0));
    const line = lines.get(at);
    if (line === undefined) {
      throw new Error(`${OBJDUMP.program} lost step at encoding 0x${encoding.toString(16)} (slot ${slot})`);
    }
    return parse(line, at, options.address ?? 0);
  });
}

function slots(encodings: readonly number[], options: DisassembleOptions): Uint8Array {
  const halfwords = new Uint16Array(SLOT_HALFWORDS * encodings.length).fill(FILLER);
  encodings.forEach((encoding, slot) => {
    let at = SLOT_HALFWORDS * slot;
    if (options.inItBlock === true) halfwords[at++] = IT_EQ;
    if (encoding > 0xffff) halfwords[at++] = encoding >>> 16;
    halfwords[at] = encoding & 0xffff;
  });
  return new Uint8Array(halfwords.buffer);
}

/** `10000006: <tab>it<tab>eq` by its address. */
function linesByAddress(stdout: string): Map<number, string> {
  const lines = new Map<number, string>();
  for (const [, address, line] of stdout.matchAll(/^ *([0-9a-f]+):[ \t]*(.*)$/gm)) {
    lines.set(Number.parseInt(address as string, 16), line as string);
  }
  return lines;
}

function parse(line: string, at: number, address: number): Disassembly {
  const mark = line.search(/[@;]/);
  const code = mark < 0 ? line : line.slice(0, mark);
  const comment = mark < 0 ? '' : line.slice(mark + 1).trim();
  const text = code.trim().replace(/\s+/g, ' ');
  if (text === '') return { text: 'undefined', comment };
  // Only branches name an address among their operands; BKPT's 0x0005 is too short to pass for one.
  const branch = /^(c?b\S* .*?)0x([0-9a-f]{7,})( <.*>)?$/.exec(text);
  if (branch === null) return { text, comment };
  const target = (Number.parseInt(branch[2] as string, 16) - at + address) >>> 0;
  return { text: `${branch[1]}0x${target.toString(16)}`, comment };
}
