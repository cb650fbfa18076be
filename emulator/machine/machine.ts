/** A microcontroller that runs an ELF: reset, run, stop, and what can be read off it. */
import { DFSR, HFSR } from '../core/exception-numbers.js';
import { Signal, word, X } from '../core/state.js';
import { isWide } from '../decode/decoder.js';
import type { ElfImage } from '../elf/elf-image.js';
import { trmModel } from '../timing/trm.js';
import { type CallArgument, type CallResult, type CallTarget, callGuest } from './call.js';
import type { ChipSurroundings } from './chip.js';
import { CORE_CLOCK } from './clock-tree.js';
import { buildCore, type CoreComplex } from './core-complex.js';
import type { Unmodelled } from './device-map.js';
import { Executor } from './executor.js';
import { FaultWatch } from './fault-watch.js';
import { hex, passesBusError, takeFault, unmodelledRegister } from './guest-fault.js';
import type { MachineOptions } from './machine-options.js';
import { Measurements } from './measure/measurements.js';
import type { Notice } from './notices.js';
import type { McuProfile } from './profile.js';
import { requireFit } from './require-fit.js';
import { requireMemory } from './require-memory.js';
import { ConsoleInput } from './semihosting/console-input.js';
import { NO_FILES } from './semihosting/host-files.js';
import { Semihosting } from './semihosting/semihosting.js';
import type { Uart } from './serial-wire.js';
import { Sleep } from './sleep.js';
import { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.js';
import { type StackUse, stackUse } from './stack-peaks.js';
import type { RunUntil, Stop } from './stop.js';

const SEMIHOSTING = 0xab;
const ASKED: Stop = { reason: 'limit', limit: 'asked' };

/** One MCU with its memory, core and peripherals: load a program, run it, look. Deterministic. */
export class Machine {
  readonly profile: McuProfile;
  /** The parts the machine is joined of, for the emulator's own modules. */
  readonly core: CoreComplex;
  /** Present when asked for: functions, heap and stacks of the program. */
  readonly measurements: Measurements | undefined;
  private readonly semihosting: Semihosting;
  private initialMSP = 0;
  #elf: ElfImage | undefined;
  /** Why a reset was asked for, while it is. */
  private resetRequested: string | undefined;
  private resetCause = 'power';
  private readonly executor: Executor;
  private readonly sleep: Sleep;
  private readonly faultWatch: FaultWatch;

  constructor(profile: McuProfile, options: MachineOptions = {}) {
    this.profile = profile;
    const { console = () => undefined, seed = 1 } = options;
    this.measurements = options.measure && new Measurements(options.measure);
    const timing = trmModel(profile.timing.parameters);
    const surroundings: ChipSurroundings = {
      ...options,
      console,
      seed,
      requestReset: (cause) => {
        this.resetRequested = cause;
        this.core.clock.attention();
      },
      resetCause: () => this.resetCause,
    };
    this.core = buildCore(profile, timing, surroundings, this.measurements);
    this.executor = new Executor(this.core, options.translate !== false);
    this.sleep = new Sleep(this.core);
    this.faultWatch = new FaultWatch(this.core);
    this.semihosting = new Semihosting({
      state: this.core.state,
      memory: this.core.memory,
      console,
      input: new ConsoleInput(options.input),
      files: options.files ?? NO_FILES,
      commandLine: options.commandLine ?? '',
      notice: (code, text) => this.core.chip.notices.add(code, text),
      seconds: () => this.seconds,
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

  /** Seconds since reset, by the core clock as the program has set it. */
  get seconds(): number {
    return this.core.chip.clocks.seconds;
  }

  /** The core clock now, in hertz. */
  get coreHertz(): number {
    return this.core.chip.clocks.hertz(CORE_CLOCK);
  }

  /** Registers and bits that the program used and m4lab does not model, in order of first use. */
  unmodelled(): Unmodelled[] {
    return this.core.chip.map.unmodelled;
  }

  /** What else its author should know: flash latency too low, a watchdog's reset, a device without clock. */
  notices(): Notice[] {
    return this.core.chip.notices.all;
  }

  /** One of the MCU's UARTs by its name in the profile, from outside. @throws UserError: there is none */
  uart(name: string): Uart {
    return this.core.chip.uart(name);
  }

  /** Instructions that ran as translated code since this machine was made: never fewer. */
  get translatedInstructions(): number {
    return this.executor.translatedInstructions;
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
   * @throws UserError when it is built for another core, or a segment does not lie in this MCU's memory
   */
  load(elf: ElfImage): void {
    requireFit(elf, this.profile);
    for (const { physicalAddress, fileBytes } of elf.segments) this.writeBytes(physicalAddress, fileBytes);
    this.#elf = elf;
    this.measurements?.load(this.core, elf);
    this.executor.load((address) => elf.symbolAt(address));
    this.reset();
  }

  /** As switching on does: registers, exceptions and time start anew; memory stays. */
  reset(): void {
    const { state, clock, interpreter } = this.core;
    state.reset();
    clock.reset();
    interpreter.instructions = 0;
    this.semihosting.reset();
    this.resetCause = 'power';
    this.startCore(true);
  }

  /** AIRCR.SYSRESETREQ or a watchdog: time and the peak of the main stack go on. */
  private systemReset(cause: string): void {
    const { state, clock } = this.core;
    this.resetCause = cause;
    const now = this.cycles;
    const [main] = this.stacks();
    const lowest = this.initialMSP - (main?.peakBytes ?? 0);
    state.reset();
    clock.reset(now);
    this.startCore(false);
    if (lowest >>> 0 < word(state.x, X.SP_LOWEST) >>> 0) state.x[X.SP_LOWEST] = lowest;
  }

  private startCore(powerOn: boolean): void {
    const { state, exceptions, memory, interpreter, timing } = this.core;
    exceptions.reset(this.profile.vectorTable);
    this.core.chip.reset(powerOn);
    interpreter.timingState = timing.initial;
    this.resetRequested = undefined;
    this.sleep.reset();
    this.faultWatch.reset();
    interpreter.setMemoryAccess(memory.accessors, false);
    const sp = memory.readWord(this.profile.vectorTable) ?? 0;
    const entry = memory.readWord(this.profile.vectorTable + 4) ?? 0;
    state.setSP(sp);
    this.initialMSP = word(state.r, 13);
    state.r[15] = entry & ~1;
    if ((entry & 1) === 0) exceptions.leaveThumb(`the reset vector ${hex(entry)} is no Thumb address`);
    this.measurements?.start(powerOn);
  }

  /** Runs until one of `until`, or until the program cannot go on. Can be called again to go on. */
  run(until: RunUntil = {}): Stop {
    const { clock, interpreter, exceptions } = this.core;
    const maxCycles = until.maxCycles ?? Number.POSITIVE_INFINITY;
    const maxInstructions = until.maxInstructions ?? Number.POSITIVE_INFINITY;
    this.executor.setStops(until.addresses ?? []);
    let passed: number | undefined = this.register(15);
    for (;;) {
      clock.runDue();
      if (this.core.chip.mpu.enabled) interpreter.setMemoryAccess(this.core.memory.guarded, true);
      const asked = until.asked?.() === true;
      const stop = asked ? ASKED : this.beforeRunning(maxCycles, maxInstructions);
      if (stop !== undefined) return stop;
      const taken = exceptions.nextToTake();
      if (taken !== 0) {
        exceptions.take(taken);
        continue;
      }
      if (exceptions.refusesInstruction()) continue;
      const watch = this.faultWatch.stretch();
      clock.countToNext(Math.min(maxCycles, clock.now() + watch.cycles));
      const limit = Math.min(maxInstructions - interpreter.instructions, watch.instructions);
      // The stop at the first pc is passed once, be it after an interrupt that came before its instruction.
      const pass = this.register(15) === passed;
      const signal = this.executor.run(limit, pass);
      if (pass) passed = undefined;
      const ended = signal === Signal.none ? undefined : this.handle(signal);
      if (ended !== undefined) return ended;
    }
  }

  /**
   * Calls a function of the guest. Arrays are copied to RAM from `scratch` on, and back; of what the call
   * does, memory and time stay. The FPU must be on. Types and units: call.ts. @throws UserError
   */
  call(target: string | number | CallTarget, ...args: readonly CallArgument[]): CallResult {
    return callGuest(this, this.#elf, typeof target === 'object' ? target : { function: target }, args);
  }

  private beforeRunning(maxCycles: number, maxInstructions: number): Stop | undefined {
    const { exceptions } = this.core;
    if (this.resetRequested !== undefined) this.systemReset(this.resetRequested);
    const overflow = this.measurements?.takeOverflow();
    if (overflow !== undefined) return { reason: 'stack-overflow', ...overflow };
    const pc = this.register(15);
    if (exceptions.lockup !== undefined) return { reason: 'lockup', text: exceptions.lockup, pc };
    const loop = this.faultWatch.loop();
    if (loop !== undefined) return loop;
    if (this.instructions >= maxInstructions) return { reason: 'limit', limit: 'instructions' };
    const idle = this.sleep.pass(maxCycles);
    if (idle !== undefined) return idle;
    return this.cycles >= maxCycles ? { reason: 'limit', limit: 'cycles' } : undefined;
  }

  /** What the instruction at R15 asked for. Undefined when the run goes on. */
  private handle(signal: number): Stop | undefined {
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
        if (exceptions.return(argument) && this.core.chip.system.sleepsOnExit) {
          this.sleep.waitForInterrupt(this.register(15));
        }
        return undefined;
      case Signal.invalidState:
        interpreter.retireSignalled();
        state.r[15] = argument & ~1;
        this.measurements?.branchedToData(pc);
        exceptions.leaveThumb(`branch to ${hex(argument)}, whose bit 0 is not set`);
        return undefined;
      case Signal.waitForInterrupt:
        this.completeInstruction();
        this.sleep.waitForInterrupt(pc);
        return undefined;
      case Signal.waitForEvent:
        this.completeInstruction();
        this.sleep.waitForEvent(pc);
        return undefined;
      case Signal.unmodelledAccess:
        return this.unmodelledAccess(pc);
      case Signal.memoryFault:
        return this.memoryFault(pc);
      default:
        takeFault(this.core, signal, pc);
        return undefined;
    }
  }

  /** Takes the fault, or runs the instruction at `pc` once more without the access that failed. */
  private memoryFault(pc: number): Stop | undefined {
    const { interpreter, memory } = this.core;
    if (!passesBusError(this.core, pc)) {
      takeFault(this.core, Signal.memoryFault, pc);
      return undefined;
    }
    const signal = memory.toleratingBusErrors(() => interpreter.run(1, true));
    return signal === Signal.none ? undefined : this.handle(signal);
  }

  /** Runs the instruction at `pc` once more, with its access noted, unless it waits there for ever. */
  private unmodelledAccess(pc: number): Stop | undefined {
    const { interpreter, chip, clock } = this.core;
    const { address, size } = this.core.memory.fault;
    if ((address & (size - 1)) !== 0) {
      return { reason: 'unmodelled', text: unmodelledRegister(this.core, pc), pc };
    }
    const signal = chip.map.letThrough(pc, () => interpreter.run(1, true));
    const polled = chip.map.polledForEver(clock.nextEvent !== Number.POSITIVE_INFINITY);
    if (polled !== undefined) {
      return { reason: 'unmodelled', text: `${polled} is polled for ever at ${hex(pc)}`, pc };
    }
    return signal === Signal.none ? undefined : this.handle(signal);
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
      if (this.core.chip.debug.breakpoint()) return undefined;
      exceptions.hfsr |= HFSR.DEBUGEVT;
      exceptions.dfsr |= DFSR.BKPT;
      exceptions.hardFault(`BKPT ${imm8} at ${hex(pc)} without a debugger`);
      return undefined;
    }
    this.completeInstruction();
    const result = this.semihosting.call();
    if (result.kind === 'exit') {
      this.core.chip.finish();
      return { reason: 'exit', code: result.code };
    }
    if (result.kind === 'continue') return undefined;
    return { reason: 'unmodelled', text: `semihosting operation ${hex(result.operation)} at ${hex(pc)}`, pc };
  }

  /** A copy of `length` bytes. @throws UserError when they are not all memory */
  readBytes(address: number, length: number): Uint8Array {
    requireMemory(this.profile, address, length);
    const { load8 } = this.core.memory.accessors;
    return Uint8Array.from({ length }, (_, k) => load8(address + k));
  }

  /** Writes RAM or flash, as a debug probe does. @throws UserError when it is not all memory */
  writeBytes(address: number, bytes: Uint8Array): void {
    requireMemory(this.profile, address, bytes.length);
    const { memory, interpreter } = this.core;
    memory.program(address, bytes);
    // The program itself cannot write there, so decoded code is not checked against it.
    if (memory.windowAt(address, 1)?.writable === false) interpreter.forgetAll();
  }

  readWord(address: number): number {
    return new DataView(this.readBytes(address, 4).buffer).getUint32(0, true);
  }

  writeWord(address: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.writeBytes(address, bytes);
  }

  /** All of it at this moment, to go back to. `previous`: one of the same machine, to share memory with. */
  snapshot(previous?: Snapshot): Snapshot {
    return takeSnapshot(this, previous);
  }

  /** Goes back: what runs from here on runs as it did then. Console text that was written stays written. */
  restore(snapshot: Snapshot): void {
    restoreSnapshot(this, snapshot);
    this.measurements?.start(true);
  }

  /**
   * Peak use of each stack so far, exception frames included. The process stack is there once PSP was set.
   */
  stacks(): StackUse[] {
    return stackUse(this.core.state, this.initialMSP);
  }
}
