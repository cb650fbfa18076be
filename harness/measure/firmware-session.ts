/**
 * One machine with one firmware on the link, from reset on, and the instruments around it: a timer of
 * functions, the arena's mark, the stacks' peaks. None of them needs a change in the firmware.
 */
import {
  type ElfImage,
  faultReport,
  Machine,
  type McuProfile,
  type StaticMemory,
  staticMemory,
} from '../../emulator/index.js';
import { Link } from '../link/link.js';
import { MachineTarget } from '../link/machine-target.js';
import type { Mode, Network } from '../reference/network.js';
import { ArenaMark } from './arena-mark.js';
import { FunctionTimer } from './function-timer.js';

/** One training batch of the firmware; the function that cycles a batch are read from. */
export const TRAIN_BATCH = 'train_batch';
const ARENA = 'm4lab_arena';
const STACK_TOP = '__stack_top';
const STACK_LIMIT = '__stack_limit';

export interface SessionOptions {
  /** Functions to time besides train_batch. */
  readonly functions?: readonly string[];
  /** Core cycles that one command of the link may take. */
  readonly maxCycles: number;
}

/** What a session is configured for. */
export interface SessionNetwork {
  readonly network: Network;
  readonly mode: Mode;
  /** The whole vector. */
  readonly parameters: Float32Array;
  readonly learningRate: number;
}

export interface MemoryReading {
  /** The arena's high-water mark; null where the ELF has no arena by that symbol. */
  readonly arenaBytes: number | null;
  /** The whole array. */
  readonly arenaSize: number | null;
  readonly stackPeakBytes: number;
  /** What the linker script set aside; null where it does not say by symbols. */
  readonly stackReserveBytes: number | null;
  readonly static: StaticMemory;
}

export class FirmwareSession {
  readonly machine: Machine;
  readonly link: Link;
  readonly timer: FunctionTimer;
  readonly #arena: ArenaMark | undefined;

  /** Loads, resets, runs to the first wait and paints the arena. Throws as Machine.load and the link do. */
  constructor(
    readonly profile: McuProfile,
    readonly elf: ElfImage,
    { functions = [], maxCycles }: SessionOptions,
  ) {
    let written = '';
    const take = (text: string): void => {
      written += text;
    };
    this.machine = new Machine(profile, { console: take, measure: {} });
    this.timer = new FunctionTimer(this.machine, elf, [TRAIN_BATCH, ...functions]);
    const target = new MachineTarget(
      elf,
      this.timer,
      maxCycles,
      () => written,
      (stop) => faultReport(this.machine, elf, stop),
    );
    this.link = new Link(elf, target);
    this.machine.load(elf);
    this.link.connect();
    const arena = elf.symbol(ARENA);
    this.#arena = arena === undefined || arena.size === 0 ? undefined : new ArenaMark(this.machine, arena);
    this.#arena?.paint();
  }

  get timingModel(): string {
    return this.machine.timingModel;
  }

  /**
   * CONFIGURE for a network, then its parameters. Returns the arena bytes that the firmware says it uses.
   * @param batchCapacity windows that one batch can hold
   */
  configure({ network, mode, parameters, learningRate }: SessionNetwork, batchCapacity: number): number {
    const { windowLength } = network;
    const arenaBytes = this.link.configure(
      { windowLength, mode, batchCapacity, learningRate },
      {
        parameters: network.parameterCount,
        gradients: network.plan(mode).gradientCount,
        window: network.inputCount,
        classes: network.classCount,
      },
    );
    this.link.writeParameters(parameters);
    return arenaBytes;
  }

  /** What has been used since the session began. */
  readMemory(): MemoryReading {
    const top = this.elf.symbol(STACK_TOP)?.address;
    const limit = this.elf.symbol(STACK_LIMIT)?.address;
    const peaks = this.machine.stacks().map(({ peakBytes }) => peakBytes);
    return {
      arenaBytes: this.#arena?.usedBytes() ?? null,
      arenaSize: this.#arena?.arena.size ?? null,
      stackPeakBytes: Math.max(0, ...peaks),
      stackReserveBytes: top === undefined || limit === undefined ? null : top - limit,
      static: staticMemory(this.elf),
    };
  }
}
