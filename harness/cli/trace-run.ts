/** `run --trace`: when the trace begins and ends, around the machine's runs. */
import {
  type ElfImage,
  type Machine,
  type RunUntil,
  type Stop,
  TRACE_COLUMNS,
  TRACE_FORMAT,
  Tracer,
  traceLine,
  UserError,
} from '../../emulator/index.js';
import { TraceOutput } from './trace-output.js';

export interface TraceOptions {
  readonly trace?: string;
  readonly traceStart?: string;
  readonly traceLines?: number;
}

/** Cycles of one run while every instruction is told: some megabytes of text at most. */
const SLICE = 20_000;

/** Where the trace begins. */
type Start = { readonly cycle: number } | { readonly address: number };

export class TraceRun {
  private readonly machine: Machine;
  private readonly output: TraceOutput;
  private readonly tracer: Tracer;
  /** Undefined once it has begun. */
  private start: Start | undefined;

  /** @throws UserError when an option is wrong or the file cannot be made */
  constructor(machine: Machine, elf: ElfImage, options: TraceOptions & { readonly trace: string }) {
    const { trace, traceStart, traceLines } = options;
    this.machine = machine;
    this.start = traceStart === undefined ? { cycle: 0 } : startOf(traceStart, elf);
    this.output = new TraceOutput(trace);
    this.tracer = new Tracer(machine, elf, {
      take: (record) => this.output.write(traceLine(record)),
      ...(traceLines === undefined ? {} : { limit: traceLines }),
    });
    this.output.write(`# ${TRACE_FORMAT} ${elf.name} on ${machine.profile.name}, ${machine.timingModel}`);
    this.output.write(TRACE_COLUMNS);
    this.begin();
  }

  /** Narrows a run to where the trace begins, or to a few lines of it. */
  until(maxCycles: number): RunUntil {
    const { start, machine, tracer } = this;
    if (start !== undefined && 'address' in start) return { maxCycles, addresses: [start.address] };
    if (start !== undefined) return { maxCycles: Math.min(maxCycles, start.cycle) };
    return { maxCycles: tracer.isOn ? Math.min(maxCycles, machine.cycles + SLICE) : maxCycles };
  }

  /** After a run. @returns true when it stopped only for the trace to begin */
  async passed(stop: Stop): Promise<boolean> {
    await this.output.settle();
    const reached = stop.reason === 'address';
    if (reached) this.start = { cycle: 0 };
    this.begin();
    return reached;
  }

  private begin(): void {
    if (this.start === undefined || !('cycle' in this.start)) return;
    if (this.machine.cycles < this.start.cycle) return;
    this.start = undefined;
    this.tracer.start();
  }

  /** @param ended how the run ended, in a sentence. @returns what the user should know of the trace */
  finish(ended: string): string | undefined {
    const { tracer, output, start, machine } = this;
    const cut = start === undefined && !tracer.isOn;
    tracer.stop();
    const never = start === undefined ? undefined : 'the trace is empty: --trace-start was never reached';
    if (cut) output.write(`# ${tracer.records} lines, the limit of --trace-lines; the program ran on`);
    output.write(`# cycle ${machine.cycles}: ${ended}`);
    output.close();
    return never;
  }
}

/** @param text a cycle in decimal, an address in hexadecimal, or a symbol */
function startOf(text: string, elf: ElfImage): Start {
  if (/^\d+$/.test(text)) return { cycle: Number(text) };
  const address = /^0x[0-9a-fA-F]{1,8}$/.test(text) ? Number(text) : elf.symbol(text)?.address;
  if (address !== undefined) return { address: (address & ~1) >>> 0 };
  throw new UserError({
    code: 'trace-start',
    what: 'option --trace-start',
    got: text === '' ? 'empty' : text,
    expected: `must be a symbol of ${elf.name}, an address like 0x08000100 or a cycle in decimal`,
    fix: `\`m4lab info ${elf.name}\` lists its symbols`,
  });
}
