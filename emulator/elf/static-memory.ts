/** How much memory a program takes before it runs, from its ELF alone. Stack and heap use are measured. */
import type { ElfImage, ElfSection } from './elf-image.js';

/** Bytes, all of them. */
export interface StaticMemory {
  /**
   * What a programmer writes: the sum of every loaded segment's bytes in the file, .data's image included.
   */
  readonly flashBytes: number;
  /** Initialised: .data, and functions copied to RAM. */
  readonly dataBytes: number;
  /** Zeroed or uninitialised: .bss, .noinit. */
  readonly bssBytes: number;
  /** dataBytes + bssBytes. */
  readonly staticBytes: number;
  /** Room that linker scripts set aside for stack and heap as sections; no part of staticBytes. */
  readonly reservedBytes: number;
}

const reserved = /^\.?_?(user_)?(stack|heap)(_dummy|_stack|_heap)*$/;

/**
 * A section counts as static memory when it is variables (writable, or without bytes in the file), or when it
 * is copied: it runs at another address than it is programmed at, as .data and functions in RAM do.
 * .init_array, which is writable by its flags and stays in flash, so counts only where it is copied; code
 * linked to run in place counts nowhere, whatever memory it lies in.
 */
export function staticMemory(elf: ElfImage): StaticMemory {
  let dataBytes = 0;
  let bssBytes = 0;
  let reservedBytes = 0;
  for (const section of elf.sections) {
    if (!section.flags.alloc || !isStatic(section, elf)) continue;
    if (reserved.test(section.name)) reservedBytes += section.size;
    else if (section.type === 'nobits') bssBytes += section.size;
    else dataBytes += section.size;
  }
  const flashBytes = elf.segments.reduce((sum, segment) => sum + segment.fileBytes.length, 0);
  return { flashBytes, dataBytes, bssBytes, staticBytes: dataBytes + bssBytes, reservedBytes };
}

function isStatic({ type, flags, address }: ElfSection, elf: ElfImage): boolean {
  if (type === 'nobits' || (flags.write && type === 'progbits')) return true;
  return elf.segments.some(({ virtualAddress, physicalAddress, memorySize }) => {
    const inside = address >= virtualAddress && address < virtualAddress + memorySize;
    return inside && virtualAddress !== physicalAddress;
  });
}
