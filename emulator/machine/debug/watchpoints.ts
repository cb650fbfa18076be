/**
 * Watchpoints on the program's own loads and stores. Exception frames and DMA are not seen. Without a
 * watchpoint the plain ways to memory are in use, so that nothing is paid.
 */
import type { Accessors } from '../../core/memory.js';
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
    const { interpreter } = this.core;
    const wasOn = this.points.length > 0;
    this.points = points;
    const on = points.length > 0;
    if (on && !wasOn) interpreter.addAccessLayer(this.watching);
    else if (wasOn && !on) interpreter.removeAccessLayer(this.watching);
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

  private readonly watching = (plain: Accessors): Accessors => {
    const load = (size: number, access: (address: number) => number) => (address: number) => {
      this.look(address, size, 'read');
      return access(address);
    };
    const store =
      (size: number, access: (a: number, v: number) => void) => (address: number, value: number) => {
        this.look(address, size, 'write');
        access(address, value);
      };
    return {
      load8: load(1, plain.load8),
      load8s: load(1, plain.load8s),
      load16: load(2, plain.load16),
      load16s: load(2, plain.load16s),
      load32: load(4, plain.load32),
      loadAligned16: load(2, plain.loadAligned16),
      loadAligned32: load(4, plain.loadAligned32),
      store8: store(1, plain.store8),
      store16: store(2, plain.store16),
      store32: store(4, plain.store32),
      storeAligned16: store(2, plain.storeAligned16),
      storeAligned32: store(4, plain.storeAligned32),
    };
  };
}
