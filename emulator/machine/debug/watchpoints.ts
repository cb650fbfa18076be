/**
 * Watchpoints on the program's own loads and stores. Exception frames and DMA are not seen. Without a
 * watchpoint the plain ways to memory are in use, so that nothing is paid.
 */
import type { Accessors } from '../../core/memory.js';
import { wrapAccessors } from '../../core/wrap-accessors.js';
import type { CoreComplex } from '../core-complex.js';

export type WatchKind = 'write' | 'read' | 'access';

export interface Watchpoint {
  readonly kind: WatchKind;
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

export interface WatchHit {
  readonly kind: WatchKind;
  /** The first watched byte that was accessed. */
  readonly address: number;
}

const same = (a: Watchpoint, b: Watchpoint): boolean =>
  a.kind === b.kind && a.address === b.address && a.length === b.length;

export class Watchpoints {
  private points: readonly Watchpoint[] = [];
  private firstHit: WatchHit | undefined;
  private readonly core: CoreComplex;
  /** Takes the watching away; undefined while nothing is watched. */
  private unwatch: (() => void) | undefined;

  constructor(core: CoreComplex) {
    this.core = core;
  }

  add(point: Watchpoint): void {
    if (!this.points.some((other) => same(other, point))) this.set([...this.points, point]);
  }

  remove(point: Watchpoint): void {
    this.set(this.points.filter((other) => !same(other, point)));
  }

  clear(): void {
    this.set([]);
  }

  private set(points: readonly Watchpoint[]): void {
    this.points = points;
    if (points.length > 0) {
      this.unwatch ??= this.core.interpreter.addAccessLayer((below) => this.watching(below));
    } else {
      this.unwatch?.();
      this.unwatch = undefined;
    }
  }

  get isHit(): boolean {
    return this.firstHit !== undefined;
  }

  /** The first access to something watched since this was last asked. */
  takeHit(): WatchHit | undefined {
    const hit = this.firstHit;
    this.firstHit = undefined;
    return hit;
  }

  private look(address: number, size: number, access: 'read' | 'write'): void {
    const start = address >>> 0;
    for (const point of this.points) {
      const overlaps = start < point.address + point.length && point.address < start + size;
      if (!overlaps || (point.kind !== 'access' && point.kind !== access)) continue;
      this.firstHit ??= { kind: point.kind, address: Math.max(start, point.address) };
      this.core.clock.attention();
    }
  }

  private watching(below: Accessors): Accessors {
    return wrapAccessors(
      below,
      (size, access) => (address) => {
        this.look(address, size, 'read');
        return access(address);
      },
      (size, access) => (address, value) => {
        this.look(address, size, 'write');
        access(address, value);
      },
    );
  }
}
