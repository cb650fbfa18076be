/** The emulator's one public door: everything the harness and the command line may use. */
export type { ElfImage, ElfSection, ElfSegment, ElfSymbol } from './elf/elf-image.js';
export { loadElf } from './elf/load-elf.js';
export { type StaticMemory, staticMemory } from './elf/static-memory.js';
export { InternalError, UserError } from './errors.js';
export { Machine, type MachineOptions, type RunUntil, type StackUse, type Stop } from './machine/machine.js';
export {
  findRegion,
  isMapped,
  type MappedRange,
  type McuProfile,
  type MemoryRegion,
  mappedRanges,
  mcuJsonSchema,
  parseMcuProfile,
} from './machine/profile.js';
