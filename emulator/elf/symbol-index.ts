/** Symbols found by name, and functions by address. */
import type { ElfSection, ElfSymbol, ElfSymbolBinding } from './elf-image.js';

const rank: Readonly<Record<ElfSymbolBinding, number>> = { global: 0, weak: 1, local: 2, other: 3 };

export class SymbolIndex {
  private readonly names = new Map<string, ElfSymbol>();
  /** By rising address; one function an address, the one a reader would name. */
  private readonly functions: readonly ElfSymbol[];

  constructor(
    symbols: readonly ElfSymbol[],
    private readonly sections: readonly ElfSection[],
  ) {
    for (const symbol of symbols) {
      if (symbol.type === 'section' || symbol.name === '') continue;
      const known = this.names.get(symbol.name);
      if (known === undefined || rank[symbol.binding] < rank[known.binding])
        this.names.set(symbol.name, symbol);
    }
    this.functions = distinctFunctions(symbols);
  }

  byName(name: string): ElfSymbol | undefined {
    return this.names.get(name);
  }

  functionAt(address: number): ElfSymbol | undefined {
    const found = this.functions[this.lastAtOrBelow(address)];
    if (found === undefined) return undefined;
    if (found.size > 0) return address < found.address + found.size ? found : undefined;
    const section = found.section === undefined ? undefined : this.sections[found.section];
    return section !== undefined && address < section.address + section.size ? found : undefined;
  }

  private lastAtOrBelow(address: number): number {
    let low = 0;
    let high = this.functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.functions[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Of aliases at one address the global one stays, then one with a size, then the first in the table. */
function distinctFunctions(symbols: readonly ElfSymbol[]): ElfSymbol[] {
  const functions = symbols.filter((symbol) => symbol.type === 'function');
  functions.sort(
    (a, b) =>
      a.address - b.address || rank[a.binding] - rank[b.binding] || Number(b.size > 0) - Number(a.size > 0),
  );
  return functions.filter((symbol, index) => functions[index - 1]?.address !== symbol.address);
}
