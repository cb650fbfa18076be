/**
 * The memory protection unit (PMSAv7; DDI 0403, B3.5): its registers, and who may do what at an address.
 * Raising the fault is the exception model's business.
 *
 * Regions, subregions included, begin and end at multiples of 32 bytes, so that rights are worked out once
 * for each such granule and kept until a register changes.
 */
import type { Register } from '../ports.js';
import { defaultBlock, isPrivatePeripheral } from './default-map.js';

/** Rights at an address, as bits. Those of unprivileged code stand UNPRIVILEGED bits further up. */
export const Right = { read: 1, write: 2, execute: 4, bufferable: 1 << 6 } as const;
export const UNPRIVILEGED = 3;

const ENABLE = 1;
const HFNMIENA = 2;
const PRIVDEFENA = 4;
const VALID = 1 << 4;
const XN = 1 << 28;
/** Bits of RASR: XN, AP, TEX, S, C, B, SRD, SIZE, ENABLE. */
const RASR_BITS = 0x173fff3f;
const RW = Right.read | Right.write;
/** Of AP (table B3-15): rights of privileged and of unprivileged code. 4 is UNPREDICTABLE: nothing here. */
const ACCESS_PERMISSIONS = [
  [0, 0],
  [RW, 0],
  [RW, Right.read],
  [RW, RW],
  [0, 0],
  [Right.read, 0],
  [Right.read, Right.read],
  [Right.read, Right.read],
] as const;

/** Binary logarithm of a granule's bytes. */
const GRANULE = 5;
/** Kept granules, a power of two: 32 KB that are in use at a time. */
const KEPT = 1024;
/** Regions of fewer bytes than this have no subregions. */
const SMALLEST_WITH_SUBREGIONS = 256;

export class Mpu {
  private control = 0;
  /** RNR. */
  private selected = 0;
  private readonly bases: Int32Array;
  private readonly attributes: Int32Array;
  /** Granules whose rights are kept in `rights`, by their low bits. */
  private readonly tags = new Int32Array(KEPT).fill(-1);
  private readonly rights = new Uint8Array(KEPT);
  private readonly attention: () => void;

  /**
   * @param regions 0 for a core without an MPU
   * @param attention something changed that the machine must look at before the next instruction
   */
  constructor(regions: number, attention: () => void) {
    this.bases = new Int32Array(regions);
    this.attributes = new Int32Array(regions);
    this.attention = attention;
  }

  reset(): void {
    this.control = this.selected = 0;
    this.bases.fill(0);
    this.attributes.fill(0);
    this.tags.fill(-1);
  }

  /** MPU_CTRL.ENABLE. */
  get enabled(): boolean {
    return (this.control & ENABLE) !== 0;
  }

  /** MPU_CTRL.HFNMIENA: it is in force at negative priorities too. */
  get guardsHardFault(): boolean {
    return (this.control & HFNMIENA) !== 0;
  }

  /** Rights at an address, by the regions: whether they are in force now is the caller's question. */
  rightsAt(address: number): number {
    const granule = address >>> GRANULE;
    const slot = granule & (KEPT - 1);
    if (this.tags[slot] !== granule) {
      this.tags[slot] = granule;
      this.rights[slot] = this.workOut(address >>> 0);
    }
    return this.rights[slot] as number;
  }

  private workOut(address: number): number {
    const block = defaultBlock(address);
    const region = isPrivatePeripheral(address) ? -1 : this.regionAt(address);
    if (region >= 0) return regionRights(this.attributes[region] as number, block.executeNever, address);
    const all = defaultRights(address);
    if (isPrivatePeripheral(address)) return all;
    const privileged = all & ((1 << UNPRIVILEGED) - 1);
    return (this.control & PRIVDEFENA) !== 0 ? privileged | (all & Right.bufferable) : 0;
  }

  /** The region of the highest number that covers an address, or -1. */
  private regionAt(address: number): number {
    for (let n = this.bases.length - 1; n >= 0; n--) {
      const attributes = this.attributes[n] as number;
      if ((attributes & ENABLE) === 0) continue;
      const size = regionBytes(attributes);
      const start = Math.floor(((this.bases[n] as number) >>> 0) / size) * size;
      if (address < start || address >= start + size) continue;
      const subregion = Math.floor(((address - start) * 8) / size);
      const disabled = size >= SMALLEST_WITH_SUBREGIONS && (attributes >>> (8 + subregion)) & 1;
      if (!disabled) return n;
    }
    return -1;
  }

  /** In the system control space, from 0xE000ED90. */
  get registers(): readonly Register[] {
    const regions = this.bases.length;
    const type: Register = { name: 'MPU_TYPE', offset: 0xd90, read: () => regions << 8 };
    if (regions === 0) return [type];
    const pairs = [0, 1, 2, 3].flatMap((k) => this.regionPair(k === 0 ? '' : `_A${k}`, 0xd9c + 8 * k));
    return [type, ...this.controls(), ...pairs];
  }

  private controls(): Register[] {
    return [
      {
        name: 'MPU_CTRL',
        offset: 0xd94,
        read: () => this.control,
        write: (value) =>
          this.change(() => {
            this.control = value & (ENABLE | HFNMIENA | PRIVDEFENA);
          }),
      },
      {
        name: 'MPU_RNR',
        offset: 0xd98,
        read: () => this.selected,
        write: (value) => this.select(value & 0xff),
      },
    ];
  }

  /** A number without a region is UNPREDICTABLE (B3.5.7): here it selects nothing new. */
  private select(region: number): void {
    if (region < this.bases.length) this.selected = region;
  }

  private regionPair(suffix: string, offset: number): Register[] {
    return [
      {
        name: `MPU_RBAR${suffix}`,
        offset,
        read: () => (this.bases[this.selected] as number) | this.selected,
        write: (value) =>
          this.change(() => {
            if ((value & VALID) !== 0) this.select(value & 0xf);
            this.bases[this.selected] = value & ~0x1f;
          }),
      },
      {
        name: `MPU_RASR${suffix}`,
        offset: offset + 4,
        byteAccess: true,
        read: () => this.attributes[this.selected] as number,
        write: (value) =>
          this.change(() => {
            this.attributes[this.selected] = value & RASR_BITS;
          }),
      },
    ];
  }

  private change(apply: () => void): void {
    apply();
    this.tags.fill(-1);
    this.attention();
  }
}

/** RASR.SIZE: 32 bytes to 4 GB. Smaller ones are UNPREDICTABLE: 32 bytes here. */
function regionBytes(attributes: number): number {
  return 2 ** Math.max(((attributes >>> 1) & 0x1f) + 1, GRANULE);
}

/** Without an MPU, or with it out of force: all may read and write. */
export function defaultRights(address: number): number {
  const { executeNever, bufferable } = defaultBlock(address);
  const both = RW | (executeNever ? 0 : Right.execute);
  return both | (both << UNPRIVILEGED) | (bufferable ? Right.bufferable : 0);
}

/** System space is never executed, whatever a region says (ValidateAddress() in B3.5.3). */
function regionRights(attributes: number, executeNever: boolean, address: number): number {
  const [privileged, unprivileged] = ACCESS_PERMISSIONS[
    (attributes >>> 24) & 7
  ] as (typeof ACCESS_PERMISSIONS)[number];
  const never = (attributes & XN) !== 0 || (executeNever && address >= 0xe0000000);
  const withExecute = (rights: number): number =>
    rights & Right.read && !never ? rights | Right.execute : rights;
  const bufferable = isBufferable(attributes) ? Right.bufferable : 0;
  return withExecute(privileged) | (withExecute(unprivileged) << UNPRIVILEGED) | bufferable;
}

/** By TEX, C and B (table B3-13): write-back and Device memory, not Strongly-ordered and write-through. */
function isBufferable(attributes: number): boolean {
  const tex = (attributes >>> 19) & 7;
  const nonShareableDevice = tex === 2;
  return (attributes & (1 << 16)) !== 0 || nonShareableDevice;
}
