/** Where calibrations are, and how one is read and written. */
import { existsSync } from 'node:fs';
import { packagePath } from '../data/package-root.js';
import { type Calibration, parseCalibration } from '../estimator/calibration.js';
import { readJson } from './read-input.js';

/** The shipped calibration of an MCU: its path from the package's root, as it is shown. */
export function calibrationName(mcu: string): string {
  return `profiles/calibration/${mcu}.json`;
}

/** @param path what the user named; else the shipped one of the MCU, or undefined if there is none */
export function readCalibration(
  path: string | undefined,
  mcu: string,
): { readonly name: string; readonly calibration: Calibration } | undefined {
  const name = path ?? calibrationName(mcu);
  const file = path ?? packagePath('profiles', 'calibration', `${mcu}.json`);
  if (path === undefined && !existsSync(file)) return undefined;
  return { name, calibration: parseCalibration(readJson(file, 'the calibration'), name) };
}
