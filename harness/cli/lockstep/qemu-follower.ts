/**
 * QEMU as a follower, through its gdb stub (release 7.2). It stays in thread mode on one stack and its own
 * devices never wake: it is given what comes of exceptions and devices. Its RAM is read by way of a file,
 * since the stub hands out no more than two kilobytes at a time.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InternalError,
  MACHINE_STATE,
  type Machine,
  type MemoryChange,
  type MemoryRange,
  memoryOf,
  type UnitKind,
} from '../../../emulator/index.js';
import { type Difference, memoryDifferences } from '../../lockstep/difference.js';
import { type Follower, isRam, masksOf, type Segment } from '../../lockstep/follower.js';
import type { QemuProcess } from './qemu-process.js';

/** Indices of `MACHINE_STATE`, and the stub's numbers of the same. */
const [PC, XPSR, FPSCR, S0] = [15, 16, 17, 23];
const STUB = { xpsr: 25, d0: 26, fpscr: 42 } as const;
const D_REGISTERS = 16;
const COMPARED = [
  ...Array.from({ length: 18 }, (_, n) => n),
  ...Array.from({ length: 32 }, (_, n) => S0 + n),
];
/** Bytes that one packet writes. */
const PIECE = 1024;
const TIMEOUT_MS = 20_000;
const THUMB = 1 << 24;
const APSR = 0xf80f_0000;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function wordText(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return hexOf(bytes);
}

const wordAt = (text: string, at: number): number => Buffer.from(text, 'hex').readUInt32LE(at);

export class QemuFollower implements Follower {
  readonly name = 'QEMU';
  readonly compared = COMPARED;
  readonly masks = masksOf(MACHINE_STATE.length);
  readonly does: ReadonlySet<UnitKind> = new Set<UnitKind>(['hint']);
  private readonly ram: readonly MemoryRange[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'm4lab-lockstep-'));
  private isReady = false;
  /** What its registers hold, where that is known: they need not be written. */
  private readonly known = new Float64Array(MACHINE_STATE.length).fill(Number.NaN);

  constructor(
    private readonly qemu: QemuProcess,
    guide: Machine,
  ) {
    this.ram = memoryOf(guide).filter(isRam);
  }

  private async ask(command: string): Promise<string> {
    const answer = await this.qemu.remote.ask(command);
    if (answer !== undefined && !answer.startsWith('E')) return answer;
    throw new InternalError(`QEMU answers ${answer ?? 'nothing'} to ${command.slice(0, 40)}`);
  }

  private async write(address: number, bytes: Uint8Array): Promise<void> {
    await this.ask(`M${address.toString(16)},${bytes.length.toString(16)}:${hexOf(bytes)}`);
  }

  private async setWord(register: number, value: number): Promise<void> {
    await this.ask(`P${register.toString(16)}=${wordText(value)}`);
  }

  /** Switches the FPU on and begins its context, by instructions of our own at the start of RAM. */
  private async prepare(): Promise<void> {
    await this.ask('qXfer:features:read:target.xml:0,ffb');
    const code = this.ram.find(({ start }) => start === 0x2000_0000)?.start ?? 0;
    // str r1, [r0]; vmov.f32 s0, s0
    await this.write(code, Uint8Array.of(0x01, 0x60, 0xb0, 0xee, 0x40, 0x0a));
    await this.setWord(0, 0xe000_ed88);
    await this.setWord(1, 0x00f0_0000);
    await this.setWord(PC, code);
    await this.ask('s');
    await this.ask('s');
    this.isReady = true;
  }

  async takeAll(state: Float64Array): Promise<void> {
    if (!this.isReady) await this.prepare();
    for (const range of this.ram) {
      const theirs = await this.bytesOf(range);
      for (let at = 0; at < theirs.length; at += PIECE) {
        const piece = range.bytes.subarray(at, at + PIECE);
        if (Buffer.compare(piece, theirs.subarray(at, at + PIECE)) !== 0)
          await this.write(range.start + at, piece);
      }
    }
    this.known.fill(Number.NaN);
    await this.take(state, []);
  }

  async take(state: Float64Array, changes: readonly MemoryChange[]): Promise<void> {
    for (const { address, value } of changes)
      await this.write(address, Uint8Array.from(Buffer.from(wordText(value), 'hex')));
    const isKnown = (index: number): boolean => state[index] === this.known[index];
    for (let n = 0; n <= PC; n++) if (!isKnown(n)) await this.setWord(n, state[n] as number);
    if (!isKnown(XPSR)) await this.setWord(STUB.xpsr, ((state[XPSR] as number) & APSR) | THUMB);
    if (!isKnown(FPSCR)) await this.setWord(STUB.fpscr, state[FPSCR] as number);
    for (let n = 0; n < D_REGISTERS; n++) {
      const [low, high] = [S0 + 2 * n, S0 + 2 * n + 1];
      if (isKnown(low) && isKnown(high)) continue;
      const text = wordText(state[low] as number) + wordText(state[high] as number);
      await this.ask(`P${(STUB.d0 + n).toString(16)}=${text}`);
    }
    this.known.set(state);
  }

  private async pc(): Promise<number> {
    return wordAt(await this.ask(`p${PC.toString(16)}`), 0);
  }

  /** One instruction at a time where that is the shorter way, else from stop to stop at the end's address. */
  async run({ instructions, end, arrivals }: Segment): Promise<string | undefined> {
    if (instructions <= 4 * arrivals) {
      for (let k = 0; k < instructions; k++) await this.ask('s');
      return undefined;
    }
    const breakpoint = `1,${end.toString(16)},2`;
    await this.ask(`Z${breakpoint}`);
    let left = arrivals;
    let trouble: string | undefined;
    while (left > 0 && trouble === undefined) {
      // The stub would stop at once at an address where it stands.
      await this.ask('s');
      if ((await this.pc()) === end) left--;
      else {
        const stop = await this.qemu.remote.resume('c', TIMEOUT_MS);
        if (stop === undefined) trouble = `did not come to 0x${end.toString(16)}`;
        left--;
      }
    }
    await this.ask(`z${breakpoint}`);
    return trouble;
  }

  async read(into: Float64Array): Promise<void> {
    const core = await this.ask('g');
    for (let n = 0; n <= PC; n++) into[n] = wordAt(core, 4 * n);
    into[XPSR] = wordAt(await this.ask(`p${STUB.xpsr.toString(16)}`), 0);
    into[FPSCR] = wordAt(await this.ask(`p${STUB.fpscr.toString(16)}`), 0);
    for (let n = 0; n < D_REGISTERS; n++) {
      const text = await this.ask(`p${(STUB.d0 + n).toString(16)}`);
      into[S0 + 2 * n] = wordAt(text, 0);
      into[S0 + 2 * n + 1] = wordAt(text, 4);
    }
    this.known.fill(Number.NaN);
    for (const index of COMPARED) this.known[index] = into[index] as number;
  }

  private async bytesOf({ start, bytes }: MemoryRange): Promise<Uint8Array> {
    const file = join(this.folder, 'ram');
    await this.qemu.remote.monitor(
      `pmemsave 0x${start.toString(16)} 0x${bytes.length.toString(16)} "${file}"`,
    );
    return new Uint8Array(readFileSync(file));
  }

  async memory(): Promise<Difference[]> {
    const theirs: { readonly bytes: Uint8Array }[] = [];
    for (const range of this.ram) theirs.push({ bytes: await this.bytesOf(range) });
    return memoryDifferences(this.ram, theirs);
  }

  close(): void {
    this.qemu.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
