/** The harness's binding to libunicorn2, as a witness of tests: what is missing is a MissingWitness. */
import koffi from 'koffi';
import { loadUnicorn, type UnicornLibrary } from '../../harness/lockstep/unicorn-library.js';
import { MissingWitness } from './missing-witness.js';

export * from '../../harness/lockstep/unicorn-library.js';

/** Throws MissingWitness when it is absent or of another release. */
export function unicornLibrary(): UnicornLibrary {
  try {
    return loadUnicorn(koffi);
  } catch (error) {
    throw new MissingWitness('libunicorn.so.2', 'libunicorn2', error instanceof Error ? error.message : '');
  }
}
