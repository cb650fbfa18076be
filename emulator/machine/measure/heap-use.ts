/**
 * The heap as it is seen at the allocator's own functions: what was asked for, and what is live. How the
 * allocator lays it out is not looked at. The outermost call counts: realloc's own calls of malloc do not.
 */
import type { ElfImage } from '../../elf/elf-image.js';

/** A pair of functions like malloc and free, by symbol. */
export interface AllocatorNames {
  /** void *allocate(size_t bytes) */
  readonly allocate: string;
  /** void release(void *block) */
  readonly release: string;
}

/** A pointer given to free or realloc that was not live. */
export interface HeapError {
  /** double: freed before; wild: never the address of a block. */
  readonly kind: 'double-free' | 'wild-free';
  /** What was given to free or realloc. */
  readonly address: number;
  /** Where the call returns to. */
  readonly pc: number;
  /** Functions from the outermost one to the allocator's. */
  readonly chain: string[];
}

/** Bytes as the program asked for them, the allocator's own overhead not counted. */
export interface HeapUse {
  /** Null where only the break is seen. */
  readonly peakBytes: number | null;
  /** Live at the moment of asking: at the end, what was never freed. */
  readonly liveBytes: number;
  readonly liveBlocks: number;
  readonly allocations: number;
  readonly frees: number;
  /** Requests answered with a null pointer. */
  readonly failures: number;
  /** What the heap took from the system: the highest break less the first. Null without _sbrk. */
  readonly breakPeakBytes: number | null;
  /** The first hundred. */
  readonly errors: HeapError[];
}

type Kind = 'allocate' | 'clear' | 'resize' | 'free' | 'align' | 'break';

interface Role {
  readonly kind: Kind;
  /** The argument register that its first own argument lies in: 1 after a reentrancy pointer. */
  readonly first: 0 | 1;
}

export interface AllocatorCall {
  readonly role: Role;
  readonly a: number;
  readonly b: number;
}

const KINDS: readonly (readonly [name: string, kind: Kind])[] = [
  ['malloc', 'allocate'],
  ['calloc', 'clear'],
  ['realloc', 'resize'],
  ['free', 'free'],
  ['memalign', 'align'],
  ['sbrk', 'break'],
];
const OTHER_NAMES: Readonly<Record<string, Kind>> = { aligned_alloc: 'align', _sbrk: 'break' };
const MOST_ERRORS = 100;

function rolesOf(elf: ElfImage, extra: readonly AllocatorNames[]): Map<number, Role> {
  const roles = new Map<number, Role>();
  const add = (name: string, kind: Kind, first: 0 | 1): void => {
    const symbol = elf.symbol(name);
    if (symbol?.type === 'function') roles.set(symbol.address, { kind, first });
  };
  for (const [name, kind] of KINDS) {
    add(name, kind, 0);
    add(`_${name}_r`, kind, 1);
  }
  for (const [name, kind] of Object.entries(OTHER_NAMES)) add(name, kind, 0);
  for (const { allocate, release } of extra) {
    add(allocate, 'allocate', 0);
    add(release, 'free', 0);
  }
  return roles;
}

export class HeapWatch {
  /** Highest address the heap was given, less one is its last byte; undefined before _sbrk was called. */
  breakAddress: number | undefined;
  private readonly roles: ReadonlyMap<number, Role>;
  private readonly live = new Map<number, number>();
  private readonly freed = new Set<number>();
  private liveBytes = 0;
  private peakBytes = 0;
  private allocations = 0;
  private frees = 0;
  private failures = 0;
  private firstBreak: number | undefined;
  private errors: HeapError[] = [];

  constructor(elf: ElfImage | undefined, extra: readonly AllocatorNames[]) {
    this.roles = elf === undefined ? new Map() : rolesOf(elf, extra);
  }

  /** Is it an allocator's function that starts there? */
  hasRole(address: number): boolean {
    return this.roles.has(address);
  }

  clear(): void {
    this.live.clear();
    this.freed.clear();
    this.liveBytes = this.peakBytes = this.allocations = this.frees = this.failures = 0;
    this.breakAddress = this.firstBreak = undefined;
    this.errors = [];
  }

  /**
   * A function is entered.
   * @param argument unsigned words in R0 to R3
   * @param nested it is called by an allocator
   * @returns what to hand to `leave` when it returns, if it is an allocator of account
   */
  enter(
    address: number,
    argument: (n: number) => number,
    nested: boolean,
    where: () => Pick<HeapError, 'pc' | 'chain'>,
  ): AllocatorCall | undefined {
    const role = this.roles.get(address);
    if (role === undefined || (nested && role.kind !== 'break')) return undefined;
    const call = { role, a: argument(role.first), b: argument(role.first + 1) };
    const gives = role.kind === 'free' || role.kind === 'resize';
    if (gives && call.a !== 0 && !this.live.has(call.a) && this.errors.length < MOST_ERRORS) {
      const kind = this.freed.has(call.a) ? 'double-free' : 'wild-free';
      this.errors.push({ kind, address: call.a, ...where() });
    }
    if (role.kind === 'free') this.release(call.a);
    return call;
  }

  isAllocator({ role }: AllocatorCall): boolean {
    return role.kind !== 'break';
  }

  /** @param result R0, unsigned */
  leave({ role, a, b }: AllocatorCall, result: number): void {
    if (role.kind === 'allocate') this.take(result, a);
    else if (role.kind === 'clear') this.take(result, a * b);
    else if (role.kind === 'align') this.take(result, b);
    else if (role.kind === 'resize') this.resize(a, b, result);
    else if (role.kind === 'break' && result !== 0xffffffff) {
      this.firstBreak ??= result;
      this.breakAddress = Math.max(this.breakAddress ?? 0, result + (a | 0));
    }
  }

  private resize(block: number, size: number, result: number): void {
    if (size === 0 && result === 0) this.release(block);
    else if (result === 0) this.failures++;
    else {
      this.release(block);
      this.take(result, size);
    }
  }

  private take(block: number, size: number): void {
    if (block === 0) {
      if (size > 0) this.failures++;
      return;
    }
    this.allocations++;
    this.liveBytes += size - (this.live.get(block) ?? 0);
    this.live.set(block, size);
    this.freed.delete(block);
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
  }

  private release(block: number): void {
    const size = this.live.get(block);
    if (size === undefined) return;
    this.frees++;
    this.live.delete(block);
    this.freed.add(block);
    this.liveBytes -= size;
  }

  /** Null when the program has no allocator that is known. */
  use(): HeapUse | null {
    if (this.roles.size === 0) return null;
    const { liveBytes, allocations, frees, failures, errors, firstBreak, breakAddress } = this;
    const kinds = [...this.roles.values()].map(({ kind }) => kind);
    const hasBreak = kinds.includes('break');
    return {
      peakBytes: kinds.some((kind) => kind !== 'break') ? this.peakBytes : null,
      liveBytes,
      liveBlocks: this.live.size,
      allocations,
      frees,
      failures,
      breakPeakBytes: hasBreak ? (breakAddress ?? 0) - (firstBreak ?? 0) : null,
      errors: [...errors],
    };
  }
}
