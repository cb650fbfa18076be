/**
 * The program's functions by address, and what was measured of each. Who calls whom is the call chain's
 * business.
 */
import type { ElfImage, ElfSymbol } from '../../elf/elf-image.js';

/** One function's figures so far. Cycles of a call that has not ended are not in `inclusiveCycles` yet. */
export class FunctionRecord {
  calls = 0;
  inclusiveCycles = 0;
  exclusiveCycles = 0;
  peakStackBytes = 0;
  /** An exception's vector led to it. */
  interrupt = false;

  constructor(
    readonly name: string,
    readonly address: number,
    /** Unlike every other's of its table. */
    readonly number: number,
  ) {}
}

/** What GCC appends to the part of a function that it moves away as unlikely. */
const COLD = /\.cold(\.\d+)?$/;

export class FunctionTable {
  /** Code that lies in no function. */
  readonly outside = new FunctionRecord('(outside any function)', 0, 0);
  private readonly elf: ElfImage | undefined;
  private readonly records = new Map<number, FunctionRecord>();
  private readonly byAddress = new Map<number, FunctionRecord>();
  private readonly byName = new Map<string, ElfSymbol | undefined>();

  constructor(elf: ElfImage | undefined) {
    this.elf = elf;
    for (const symbol of elf?.symbols ?? []) {
      if (symbol.type !== 'function') continue;
      const known = this.byName.get(symbol.name);
      const same = !this.byName.has(symbol.name) || known?.address === symbol.address;
      this.byName.set(symbol.name, same ? symbol : undefined);
    }
  }

  /** The function an address lies in; a cold part counts as its function. */
  at(address: number): FunctionRecord {
    let found = this.byAddress.get(address);
    if (found === undefined) {
      found = this.find(address);
      this.byAddress.set(address, found);
    }
    return found;
  }

  isStart(address: number): boolean {
    const record = this.at(address);
    return record !== this.outside && record.address === address;
  }

  /** Every function that was entered, and `outside` if code ran there. */
  get used(): FunctionRecord[] {
    const all = [...this.records.values(), this.outside];
    return all.filter(({ calls, exclusiveCycles }) => calls > 0 || exclusiveCycles > 0);
  }

  /** Forgets every figure. */
  clear(): void {
    for (const record of [...this.records.values(), this.outside]) {
      record.calls = record.inclusiveCycles = record.exclusiveCycles = record.peakStackBytes = 0;
      record.interrupt = false;
    }
  }

  private find(address: number): FunctionRecord {
    const found = this.elf?.symbolAt(address);
    if (found === undefined) return this.outside;
    const symbol = (COLD.test(found.name) && this.byName.get(found.name.replace(COLD, ''))) || found;
    let record = this.records.get(symbol.address);
    if (record === undefined) {
      record = new FunctionRecord(symbol.name, symbol.address, this.records.size + 1);
      this.records.set(symbol.address, record);
    }
    return record;
  }
}
