/** One input for several machines that run the same program: taken once from where it comes. */
import type { InputSource } from '../../../emulator/index.js';

/** @returns makes a source; each gives the whole input, from its first byte */
export function sharedInput(source: InputSource): () => InputSource {
  const pieces: Uint8Array[] = [];
  return () => {
    let next = 0;
    return (most) => {
      if (next === pieces.length) pieces.push(source(most));
      return pieces[next++] ?? new Uint8Array(0);
    };
  };
}
