/** The witnesses that are not m4lab's own: found, started, or refused with what is missing. */
import { type Machine, type McuProfile, UserError } from '../../../emulator/index.js';
import type { Follower } from '../../lockstep/follower.js';
import { UnicornFollower } from '../../lockstep/unicorn-follower.js';
import { type Koffi, loadUnicorn } from '../../lockstep/unicorn-library.js';
import { QemuFollower } from './qemu-follower.js';
import { startQemu } from './qemu-process.js';

/** koffi calls libunicorn2. It is needed for this alone, so that m4lab is installed without it. */
async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default;
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    throw new UserError({
      code: 'witness-missing',
      what: 'the npm package koffi',
      got: code === 'ERR_MODULE_NOT_FOUND' ? 'not installed' : `not usable (${code})`,
      expected: 'must be there for --against unicorn',
      fix: 'npm install --no-save koffi@3.3.4',
    });
  }
}

export async function unicornFollower(guide: Machine): Promise<Follower> {
  const koffi = await loadKoffi();
  return new UnicornFollower(koffi, loadUnicorn(koffi), guide);
}

const BOARD = 'mps2-an386';

/** @param path of the ELF, for QEMU to load. @throws UserError for another MCU, or without QEMU */
export async function qemuFollower(mcu: McuProfile, path: string, guide: Machine): Promise<Follower> {
  if (mcu.name === BOARD) return new QemuFollower(await startQemu(path), guide);
  throw new UserError({
    code: 'option-conflict',
    what: 'option --against qemu',
    got: `with --mcu ${mcu.name}`,
    expected: `goes with QEMU's board, ${BOARD}`,
    fix: `give --mcu ${BOARD} and an ELF that is linked for it`,
  });
}
