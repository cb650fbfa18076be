/** Recordings of wearers, whatever they come from. A dataset gives them; windows.ts cuts them. */

/** One trial: what one wearer did without a break, sampled at 20 Hz. */
export interface Recording {
  readonly user: number;
  /** Index of the activity among the network's classes. */
  readonly label: number;
  readonly trial: number;
  /** Whether the trial is for training or for testing; no trial is both. */
  readonly part: 'train' | 'test';
  /** Total acceleration in m/s^2: x, y, z of the first sample, then of the next. */
  readonly samples: Float64Array;
}

/** People and what they recorded. */
export interface Dataset {
  /** Stands in model files: a model knows by it which wearers it has seen. */
  readonly name: string;
  /** The people to choose from, in rising order. */
  users(): number[];
  /** All trials of a user in a fixed order. UserError for an unknown user or a broken file. */
  recordings(user: number): Recording[];
  /** Names the data of these users: over the files' bytes, or over the samples if there are no files. */
  sha256(users: readonly number[]): string;
}

export const CHANNELS = 3;
