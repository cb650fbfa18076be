/** GNU addr2line as the witness of source lines: another reader of the same DWARF sections. */
import { runTool, type Tool } from './tool.js';

const ADDR2LINE: Tool = { program: 'arm-none-eabi-addr2line', debianPackage: 'binutils-arm-none-eabi' };

/** Addresses on one command line. */
const BATCH = 5000;

/** `file:line` of each address, in order, with the file's whole path; undefined where it knows none. */
export function addressLines(elf: string, addresses: readonly number[]): (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  for (let first = 0; first < addresses.length; first += BATCH) {
    const batch = addresses.slice(first, first + BATCH).map((address) => `0x${address.toString(16)}`);
    const { stdout, stderr, status } = runTool(ADDR2LINE, ['-e', elf, ...batch]);
    if (status !== 0) throw new Error(`${ADDR2LINE.program} exited with ${status}: ${stderr}`);
    const answers = stdout.trimEnd().split('\n');
    if (answers.length !== batch.length) throw new Error(`${ADDR2LINE.program} lost step`);
    lines.push(...answers.map(known));
  }
  return lines;
}

/** `??:0`, `??:?` and `file.c:?` are not known. */
function known(answer: string): string | undefined {
  const place = answer.replace(/ \(discriminator \d+\)$/, '');
  return /^\?\?:|:[0?]$/.test(place) ? undefined : place;
}
