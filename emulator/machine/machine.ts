/** A microcontroller that runs an ELF: reset, run, stop, and what can be read off it. */
import { CFSR, HFSR } from '../core/exceptions.js';
import { Signal, word, X } from '../core/state.js';
import { isWide } from '../decode/decoder.js';
import type { ElfImage } from '../elf/elf-image.js';
import { UserError } from '../errors.js';
import { trmModel } from '../timing/trm.js';
import { buildCore, type CoreComplex } from './core-complex.js';
import { isMapped, type McuProfile } from './profile.js';
import { Semihosting } from './semihosting.js';

export interface MachineOptions {
  /** Takes the program's console output as it comes, in pieces of any length. */
  readonly console?: (text: string) => void;
}

/** When to stop; without any, at the program's own end. */
export interface RunUntil {
  /** Value of `cycles` at or just after which to stop. */
  readonly maxCycles?: number;
  /** Value of `instructions` at which to stop. */
  readonly maxInstructions?: number;
  /** Stop before the instruction at one of these (bit 0 does not count); the one at the pc is passed over. */
  readonly addresses?: readonly number[];
}

export type Stop =
  /** The program ended by semihosting SYS_EXIT or SYS_EXIT_EXTENDED. */
  | { readonly reason: 'exit'; readonly code: number }
  | { readonly reason: 'address'; readonly address: number }
  | { readonly reason: 'limit'; readonly limit: 'cycles' | 'instructions' }
  /** WFI or WFE with nothing that could ever wake the core. */
  | { readonly reason: 'idle'; readonly text: string; readonly pc: number }
  /** A fault whose handler only loops. */
  | { readonly reason: 'fault'; readonly text: string; readonly pc: number }
  /** A fault that no handler could take. */
  | { readonly reason: 'lockup'; readonly text: string; readonly pc: number }
  /** An instruction or a register that m4lab does not model. */
  | { readonly reason: 'unmodelled'; readonly text: string; readonly pc: number };

export interface StackUse {
  readonly name: 'main' | 'process';
  /** Its value when first used (MSP: from the vector table) less the lowest it ever held. */
  readonly peakBytes: number;
}

const SEMIHOSTING = 0xab;
/** `b .` */
const BRANCH_TO_SELF = 0xe7fe;
const FIRST_FAULT = 3;
const LAST_FAULT = 6;
/** How long a fault handler runs before we look whether it only loops. */
const FAULT_GLANCE = 1000;

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

export class Machine {
  readonly profile: McuProfile;
  /** The parts the machine is joined of, for the emulator's own modules. */
  readonly core: CoreComplex;
  private readonly semihosting: Semihosting;
  private initialMSP = 0;
  private resetRequested = false;

  constructor(profile: McuProfile, options: MachineOptions = {}) {
    this.profile = profile;
    const requestReset = (): void => {
      this.resetRequested = true;
    };
    this.core = buildCore(profile, trmModel(profile.timing.parameters), requestReset);
    this.semihosting = new Semihosting({
      state: this.core.state,
      memory: this.core.memory,
      console: options.console ?? (() => undefined),
      now: () => this.cycles,
      clockHz: profile.clocks.resetHz,
    });
  }

  /** Name and version of the timing model behind `cycles`. */
  get timingModel(): string {
    return this.core.timing.name;
  }

  /** Core cycles since reset. */
  get cycles(): number {
    return this.core.clock.now();
  }

  /** Instructions retired since reset. */
  get instructions(): number {
    return this.core.interpreter.instructions;
  }

  /** R0..R15 unsigned; R15 is the address of the next instruction. */
  register(n: number): number {
    return word(this.core.state.r, n) >>> 0;
  }

  /** xPSR: flags, ITSTATE and the exception number. */
  get xpsr(): number {
    return this.core.state.xpsr >>> 0;
  }

  /**
   * Programs the image into memory by physical address, as a programmer does, and resets the core.
   * @throws UserError when a segment does not lie in this MCU's memory
   */
  load(elf: ElfImage): void {
    for (const segment of elf.segments) {
      const { physicalAddress: address, fileBytes } = segment;
      if (!isMapped(this.profile, address, fileBytes.length)) {
        throw new UserError({
          code: 'elf-outside-memory',
          what: `${elf.name}: the segment at ${hex(address)}, ${fileBytes.length} bytes long,`,
          expected: `does not lie in the memory of ${this.profile.name}`,
          fix: 'choose another MCU with --mcu, or link for this one',
        });
      }
      this.writeBytes(address, fileBytes);
    }
    this.core.interpreter.forgetAll();
    this.reset();
  }

  /** As the reset line does: registers, exceptions and time start anew; memory stays. */
  reset(): void {
    const { state, clock, exceptions, memory, interpreter, timing } = this.core;
    state.reset();
    clock.reset();
    exceptions.reset(this.profile.vectorTable);
    interpreter.instructions = 0;
    interpreter.timingState = timing.initial;
    this.resetRequested = false;
    const sp = memory.readWord(this.profile.vectorTable) ?? 0;
    const entry = memory.readWord(this.profile.vectorTable + 4) ?? 0;
    state.setSP(sp);
    this.initialMSP = word(state.r, 13);
    state.r[15] = entry & ~1;
    if ((entry & 1) === 0) exceptions.lockup = `the reset vector ${hex(entry)} is no Thumb address`;
  }

  /** Runs until one of `until`, or until the program cannot go on. Can be called again to go on. */
  run(until: RunUntil = {}): Stop {
    const { clock, interpreter, exceptions } = this.core;
    const maxCycles = until.maxCycles ?? Number.POSITIVE_INFINITY;
    const maxInstructions = until.maxInstructions ?? Number.POSITIVE_INFINITY;
    interpreter.setStops(until.addresses ?? []);
    let pass = true;
    for (;;) {
      clock.runDue();
      const stop = this.beforeRunning(maxCycles, maxInstructions);
      if (stop !== undefined) return stop;
      const taken = exceptions.nextToTake();
      if (taken !== 0) {
        exceptions.take(taken);
        continue;
      }
      clock.countToNext(this.inFault() ? Math.min(maxCycles, clock.now() + FAULT_GLANCE) : maxCycles);
      const signal = interpreter.run(maxInstructions - interpreter.instructions, pass);
      pass = false;
      const ended = signal === Signal.none ? undefined : this.handle(signal, maxCycles);
      if (ended !== undefined) return ended;
    }
  }

  private beforeRunning(maxCycles: number, maxInstructions: number): Stop | undefined {
    const { exceptions } = this.core;
    if (this.resetRequested) this.reset();
    const pc = this.register(15);
    if (exceptions.lockup !== undefined) return { reason: 'lockup', text: exceptions.lockup, pc };
    if (this.inFault() && this.core.memory.fetch(pc) === BRANCH_TO_SELF) {
      return { reason: 'fault', text: exceptions.faults.at(-1) ?? 'a fault', pc: exceptions.faultAddress };
    }
    if (this.cycles >= maxCycles) return { reason: 'limit', limit: 'cycles' };
    if (this.instructions >= maxInstructions) return { reason: 'limit', limit: 'instructions' };
    return undefined;
  }

  private inFault(): boolean {
    const ipsr = word(this.core.state.x, X.IPSR);
    return ipsr >= FIRST_FAULT && ipsr <= LAST_FAULT;
  }

  /** What the instruction at R15 asked for. Undefined when the run goes on. */
  private handle(signal: number, maxCycles: number): Stop | undefined {
    const { state, exceptions, interpreter } = this.core;
    const pc = this.register(15);
    const argument = word(state.x, X.SIGNAL_ARGUMENT);
    switch (signal) {
      case Signal.stopHere:
        return { reason: 'address', address: pc };
      case Signal.supervisorCall:
        this.completeInstruction();
        exceptions.supervisorCall();
        return undefined;
      case Signal.breakpoint:
        return this.breakpoint(argument);
      case Signal.exceptionReturn:
        interpreter.retireSignalled();
        exceptions.return(argument);
        return undefined;
      case Signal.invalidState:
        interpreter.retireSignalled();
        state.r[15] = argument & ~1;
        exceptions.usageFault(CFSR.INVSTATE, `branch to ${hex(argument)}, whose bit 0 is not set`);
        return undefined;
      case Signal.waitForInterrupt:
      case Signal.waitForEvent:
        return this.sleep(signal, maxCycles);
      case Signal.unmodelledInstruction:
        return { reason: 'unmodelled', text: `instruction ${this.bytesAt(pc)} at ${hex(pc)}`, pc };
      case Signal.unmodelledAccess:
        return { reason: 'unmodelled', text: this.unmodelledRegister(pc), pc };
      default:
        this.fault(signal, pc);
        return undefined;
    }
  }

  /** Retires the instruction that signalled and goes on to the next. */
  private completeInstruction(): void {
    const { state, memory, interpreter } = this.core;
    interpreter.retireSignalled();
    const pc = word(state.r, 15);
    state.r[15] = pc + (isWide(memory.fetch(pc) ?? 0) ? 4 : 2);
  }

  private breakpoint(imm8: number): Stop | undefined {
    const { exceptions } = this.core;
    const pc = this.register(15);
    if (imm8 !== SEMIHOSTING) {
      exceptions.hfsr |= HFSR.DEBUGEVT;
      exceptions.hardFault(`BKPT ${imm8} at ${hex(pc)} without a debugger`);
      return undefined;
    }
    this.completeInstruction();
    const result = this.semihosting.call();
    if (result.kind === 'exit') return { reason: 'exit', code: result.code };
    if (result.kind === 'continue') return undefined;
    return { reason: 'unmodelled', text: `semihosting operation ${hex(result.operation)} at ${hex(pc)}`, pc };
  }

  private sleep(signal: number, maxCycles: number): Stop | undefined {
    const { state, clock, exceptions } = this.core;
    const pc = this.register(15);
    this.completeInstruction();
    if (signal === Signal.waitForEvent && word(state.x, X.EVENT_REGISTER) !== 0) {
      state.x[X.EVENT_REGISTER] = 0;
      return undefined;
    }
    while (!exceptions.wakes() && this.cycles < maxCycles) {
      const next = Math.min(clock.nextEvent, maxCycles);
      if (next === Number.POSITIVE_INFINITY) {
        return { reason: 'idle', text: 'the core sleeps and nothing can wake it', pc };
      }
      clock.spend(Math.max(next - this.cycles, 0));
      clock.runDue();
    }
    return undefined;
  }

  private fault(signal: number, pc: number): void {
    const { exceptions, memory } = this.core;
    const { fault } = memory;
    const access = `${fault.write ? 'write' : 'read'} of ${fault.size} bytes at ${hex(fault.address)}`;
    switch (signal) {
      case Signal.memoryFault:
        if (fault.kind === 'unaligned')
          exceptions.usageFault(CFSR.UNALIGNED, `unaligned ${access}, by ${hex(pc)}`);
        else exceptions.busFault(CFSR.PRECISERR, `${access}, by ${hex(pc)}`, fault.address);
        return;
      case Signal.fetchFault:
        exceptions.busFault(CFSR.IBUSERR, `no memory to fetch an instruction from at ${hex(pc)}`);
        return;
      case Signal.noCoprocessor:
        exceptions.usageFault(CFSR.NOCP, `FP instruction at ${hex(pc)} with the FPU off (CPACR)`);
        return;
      case Signal.divideByZero:
        exceptions.usageFault(CFSR.DIVBYZERO, `divide by zero at ${hex(pc)}`);
        return;
      default:
        exceptions.usageFault(CFSR.UNDEFINSTR, `undefined instruction ${this.bytesAt(pc)} at ${hex(pc)}`);
    }
  }

  private bytesAt(pc: number): string {
    const { memory } = this.core;
    const first = memory.fetch(pc) ?? 0;
    const halfwords = isWide(first) ? [first, memory.fetch(pc + 2) ?? 0] : [first];
    return halfwords.map((h) => h.toString(16).padStart(4, '0')).join(' ');
  }

  private unmodelledRegister(pc: number): string {
    const { fault } = this.core.memory;
    const device = this.core.devices.nameAt(fault.address);
    const where = device === undefined ? 'peripheral register' : `register of ${device}`;
    return `${fault.write ? 'write to' : 'read of'} ${where} ${hex(fault.address)} (${fault.size} bytes) at ${hex(pc)}`;
  }

  /** A copy of `length` bytes. @throws UserError when they are not all memory */
  readBytes(address: number, length: number): Uint8Array {
    this.requireMemory(address, length);
    const { load8 } = this.core.memory.accessors;
    return Uint8Array.from({ length }, (_, k) => load8(address + k));
  }

  /** Writes RAM or flash, as a debug probe does. @throws UserError when it is not all memory */
  writeBytes(address: number, bytes: Uint8Array): void {
    this.requireMemory(address, bytes.length);
    this.core.memory.program(address, bytes);
  }

  readWord(address: number): number {
    return new DataView(this.readBytes(address, 4).buffer).getUint32(0, true);
  }

  writeWord(address: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.writeBytes(address, bytes);
  }

  private requireMemory(address: number, length: number): void {
    if (isMapped(this.profile, address >>> 0, length)) return;
    throw new UserError({
      code: 'no-memory',
      what: `${length} bytes at ${hex(address)}`,
      expected: `do not lie in the memory of ${this.profile.name}`,
      fix: 'use an address of its RAM or flash',
    });
  }

  /** Peak use of each stack so far, exception frames included. The process stack is there once PSP was set. */
  stacks(): StackUse[] {
    const { state } = this.core;
    const { x } = state;
    const [main, process] = state.onProcessStack
      ? [X.OTHER_SP_LOWEST, X.SP_LOWEST]
      : [X.SP_LOWEST, X.OTHER_SP_LOWEST];
    const mainUse: StackUse = { name: 'main', peakBytes: this.initialMSP - word(x, main) };
    const start = state.firstPSP;
    if (start === undefined) return [mainUse];
    return [mainUse, { name: 'process', peakBytes: start - word(x, process) }];
  }
}
