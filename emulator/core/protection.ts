/** What the code that runs now may do at an address: the MPU's regions while they are in force, else all. */
import { isPrivatePeripheral } from './default-map.js';
import type { AccessRights } from './memory.js';
import { defaultRights, type Mpu, Right, UNPRIVILEGED } from './mpu.js';
import { type CoreState, word, X } from './state.js';
import type { SystemControl } from './system-control.js';

export interface ProtectionOptions {
  readonly state: CoreState;
  readonly mpu: () => Mpu;
  readonly system: () => SystemControl;
  /** ExecutionPriority() is below 0. */
  readonly atNegativePriority: () => boolean;
}

export class Protection implements AccessRights {
  private readonly options: ProtectionOptions;

  constructor(options: ProtectionOptions) {
    this.options = options;
  }

  /** The MPU is on, and not suspended by a negative priority. */
  private get inForce(): boolean {
    const mpu = this.options.mpu();
    return mpu.enabled && (mpu.guardsHardFault || !this.options.atNegativePriority());
  }

  private rightsAt(address: number): number {
    return this.inForce ? this.options.mpu().rightsAt(address) : defaultRights(address >>> 0);
  }

  private allows(address: number, right: number, privileged: boolean): boolean {
    return (this.rightsAt(address) & (privileged ? right : right << UNPRIVILEGED)) !== 0;
  }

  get privileged(): boolean {
    const { state } = this.options;
    return word(state.x, X.AS_UNPRIVILEGED) === 0 && state.privileged;
  }

  /**
   * Without an MPU all may read and write. An access reaches over one border of granules at most, so that its
   * ends tell.
   */
  forbidden(address: number, size: number, write: boolean, privileged: boolean): number | undefined {
    if (!this.inForce) return undefined;
    const right = write ? Right.write : Right.read;
    if (!this.allows(address, right, privileged)) return address >>> 0;
    const last = (address + size - 1) | 0;
    if (((address ^ last) & ~0x1f) === 0 || this.allows(last, right, privileged)) return undefined;
    return (last & ~0x1f) >>> 0;
  }

  mayExecute(address: number): boolean {
    return this.allows(address, Right.execute, this.options.state.privileged);
  }

  /** Unprivileged code gets a bus error on the private peripheral bus (B3.1.1). */
  reachesBus(address: number): boolean {
    const at = address >>> 0;
    return !isPrivatePeripheral(at) || this.privileged || this.options.system().opensToAll(at);
  }

  /** Is a store there buffered, so that a bus error is imprecise? ACTLR can forbid it in the default map. */
  buffers(address: number): boolean {
    const off = this.options.system().writeBufferOff && !this.inForce;
    return !off && (this.rightsAt(address) & Right.bufferable) !== 0;
  }
}
