/** Opens a dataset by what follows `--data`: the word `synthetic`, or a folder of recordings. */
import { openMotionSense } from './motionsense.js';
import type { Dataset } from './recording.js';
import { openSynthetic } from './synthetic.js';

/** The word that stands for the built-in synthetic wearers. */
export const SYNTHETIC = 'synthetic';

/**
 * @param classes the network's class names, in the order of their labels
 * UserError when the folder is missing or holds no recordings, or when the data lacks a class.
 */
export function openDataset(data: string, classes: readonly string[]): Dataset {
  return data === SYNTHETIC ? openSynthetic(classes) : openMotionSense(data, classes);
}
