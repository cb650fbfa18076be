/** What a program must be for an MCU to run it. */
import { architectureProblems } from '../elf/architecture.js';
import type { ElfImage } from '../elf/elf-image.js';
import { UserError } from '../errors.js';
import { hex } from './guest-fault.js';
import { isMapped, type McuProfile } from './profile.js';

/** @throws UserError when it is built for another core, or a segment does not lie in this MCU's memory */
export function requireFit(elf: ElfImage, profile: McuProfile): void {
  const [problem] = elf.attributes === undefined ? [] : architectureProblems(elf.attributes, profile.core);
  if (problem !== undefined) {
    throw new UserError({
      code: 'elf-architecture',
      what: `${elf.name}, by its .ARM.attributes,`,
      expected: problem,
      fix: 'build it with -mcpu=cortex-m4, and -mfpu=fpv4-sp-d16 if it uses the FPU',
    });
  }
  for (const { physicalAddress, fileBytes } of elf.segments) {
    if (isMapped(profile, physicalAddress, fileBytes.length)) continue;
    throw new UserError({
      code: 'elf-outside-memory',
      what: `${elf.name}: the segment at ${hex(physicalAddress)}, ${fileBytes.length} bytes long,`,
      expected: `does not lie in the memory of ${profile.name}`,
      fix: 'choose another MCU with --mcu, or link for this one',
    });
  }
}
