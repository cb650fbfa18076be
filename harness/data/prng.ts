/**
 * The random numbers of data and training: xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2018), its state filled by a mixing of the seed's words. The same
 * seed gives the same numbers on every machine. Not for secrets.
 */
const TWO_POW_32 = 4294967296;

function rotateLeft(x: number, n: number): number {
  return ((x << n) | (x >>> (32 - n))) >>> 0;
}

/** Spreads every input bit over the word: two rounds of multiply and shift, as in MurmurHash3's end. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export class Prng {
  readonly #state = new Uint32Array(4);

  /** Seeds with any number of integers; each is taken modulo 2^32. Their order matters. */
  constructor(...seed: number[]) {
    let h = 0x9e3779b9;
    for (const word of seed) {
      h = mix((h + word) >>> 0) + 0x9e3779b9;
    }
    for (let i = 0; i < 4; i++) {
      h = (h + 0x9e3779b9) >>> 0;
      this.#state[i] = mix(h);
    }
    // xoshiro never leaves the state of all zeros.
    this.#state[3] = (this.#state[3] as number) | 1;
  }

  /** The next integer, 0 to 2^32 - 1. */
  next(): number {
    const s = this.#state;
    const s1 = s[1] as number;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5) >>> 0, 7), 9) >>> 0;
    s[2] = (s[2] as number) ^ (s[0] as number);
    s[3] = (s[3] as number) ^ s1;
    s[1] = s1 ^ (s[2] as number);
    s[0] = (s[0] as number) ^ (s[3] as number);
    s[2] = (s[2] as number) ^ (s1 << 9);
    s[3] = rotateLeft(s[3] as number, 11);
    return result;
  }

  /** Uniform in [from, to). */
  uniform(from = 0, to = 1): number {
    return from + (to - from) * (this.next() / TWO_POW_32);
  }

  /** Near-normal with mean 0 and deviation 1: four uniforms summed, so never beyond 3.47. */
  normal(): number {
    const sum = this.uniform() + this.uniform() + this.uniform() + this.uniform();
    return (sum - 2) * Math.sqrt(3);
  }

  /** An integer, 0 to below - 1. The bias is under below / 2^32. */
  below(below: number): number {
    return Math.floor((this.next() / TWO_POW_32) * below);
  }

  /** Reorders in place (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}
