/** The firmware that training commands run: what --elf names, else the shipped trainer of the MCU. */
import { createHash } from 'node:crypto';
import { type ElfImage, loadElf, type McuProfile } from '../../emulator/index.js';
import { packagePath } from '../data/package-root.js';
import { readInputFile } from './read-input.js';

export interface TrainerElf {
  readonly elf: ElfImage;
  /** As shown: what the user typed, or the path from the package's root. */
  readonly path: string;
  readonly sha256: string;
}

export function readTrainerElf(path: string | undefined, mcu: McuProfile): TrainerElf {
  const shown = path ?? `firmware/prebuilt/${mcu.name}/trainer.elf`;
  const bytes = readInputFile(path ?? packagePath(...shown.split('/')), 'the ELF');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { elf: loadElf(bytes, shown), path: shown, sha256 };
}
