/**
 * Synthetic wearers: accelerations of six activities at 20 Hz in m/s^2, a phone in a trouser pocket.
 * Each wearer has a pace, a vigour, a way to hold the phone and a habit for every activity, drawn by
 * its number; each trial varies them a little. One wearer's stairs are near another's walk, so a model of
 * many wearers gains by getting to know one. It is a test signal, not a model of the human gait.
 *
 * Only operations that IEEE 754 fixes are used (no Math.sin), so every engine gives the same samples.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../../emulator/errors.js';
import { Prng } from './prng.js';
import type { Dataset, Recording } from './recording.js';
import { STANDARD_GRAVITY } from './windows.js';

const SAMPLE_RATE = 20;
/** Wearers listed; any number from 1 to 9999 is a wearer. */
const LISTED = 24;
const LAST_WEARER = 9999;
/** Two trials to train, one to test, as in the recordings of real people; their seconds. */
const TRIALS = [
  { trial: 1, part: 'train', seconds: 30 },
  { trial: 2, part: 'train', seconds: 30 },
  { trial: 11, part: 'test', seconds: 40 },
] as const;

/** The middle of what people do; a wearer's own habit lies around it. */
interface Motion {
  readonly name: string;
  /** Steps a second; 0 when at rest. */
  readonly pace: number;
  /** Vertical swing in m/s^2, and the shares of its second and third harmonic. */
  readonly swing: number;
  readonly second: number;
  readonly third: number;
  /** Forward and sideways swing as a share of the vertical one. */
  readonly forward: number;
  readonly sideways: number;
  /** Lean of the thigh against the vertical, in turns. */
  readonly lean: number;
}

const MOTIONS: readonly Motion[] = [
  motion('downstairs', 1.85, 3.3, 0.55, 0.3, 0.4, 0.35, 0.02),
  motion('upstairs', 1.5, 2.4, 0.3, 0.1, 0.75, 0.3, 0.06),
  motion('sitting', 0, 0, 0, 0, 0, 0, 0.22),
  motion('standing', 0, 0, 0, 0, 0, 0, 0.01),
  motion('walking', 1.75, 3, 0.4, 0.15, 0.55, 0.3, 0.03),
  motion('jogging', 2.7, 8, 0.3, 0.2, 0.5, 0.3, 0.04),
];

function motion(
  name: string,
  pace: number,
  swing: number,
  second: number,
  third: number,
  forward: number,
  sideways: number,
  lean: number,
): Motion {
  return { name, pace, swing, second, third, forward, sideways, lean };
}

/** The built-in wearers. UserError if the network has a class that they do not perform. */
export function openSynthetic(classes: readonly string[]): Dataset {
  const motions = classes.map((name, label) => ({ label, motion: motionOf(name) }));
  const recordings = (user: number): Recording[] => {
    checkWearer(user);
    return motions.flatMap(({ label, motion }) => recordActivity(user, label, motion));
  };
  return {
    name: 'synthetic',
    users: () => Array.from({ length: LISTED }, (_, i) => i + 1),
    recordings,
    sha256(users) {
      const hash = createHash('sha256');
      for (const user of users) {
        for (const { samples } of recordings(user)) hash.update(littleEndian(samples));
      }
      return hash.digest('hex');
    },
  };
}

function motionOf(name: string): Motion {
  const found = MOTIONS.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw new UserError({
    code: 'synthetic-class',
    what: `the class ${name}`,
    expected: `is not performed by synthetic wearers (${MOTIONS.map((m) => m.name).join(', ')})`,
    fix: 'use recorded data for this network',
  });
}

function checkWearer(user: number): void {
  if (Number.isInteger(user) && user >= 1 && user <= LAST_WEARER) return;
  throw new UserError({
    code: 'data-user-missing',
    what: `synthetic wearer ${user}`,
    expected: `must be an integer from 1 to ${LAST_WEARER}`,
    fix: 'choose one of them',
  });
}

function littleEndian(samples: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(samples.length * 8));
  samples.forEach((sample, i) => {
    view.setFloat64(i * 8, sample, true);
  });
  return new Uint8Array(view.buffer);
}

/** A wearer's habit for one activity: the motion, made its own. */
interface Habit extends Motion {
  /** Turns of the phone about its three axes. */
  readonly pitch: number;
  readonly roll: number;
  readonly yaw: number;
  readonly noise: number;
}

function habitOf(user: number, label: number, middle: Motion): Habit {
  const wearer = new Prng(1, user);
  const pace = wearer.uniform(0.85, 1.17);
  const vigour = wearer.uniform(0.7, 1.4);
  const pitch = wearer.uniform(-0.06, 0.06);
  const roll = wearer.uniform(-0.06, 0.06);
  const yaw = wearer.uniform(-0.1, 0.1);
  const noise = wearer.uniform(0.15, 0.6);
  const own = new Prng(2, user, label);
  return {
    name: middle.name,
    pace: middle.pace * pace * own.uniform(0.92, 1.08),
    swing: middle.swing * vigour * own.uniform(0.8, 1.25),
    second: middle.second * own.uniform(0.5, 1.6),
    third: middle.third * own.uniform(0.4, 1.8),
    forward: middle.forward * own.uniform(0.6, 1.5),
    sideways: middle.sideways * own.uniform(0.5, 1.6),
    lean: middle.lean + own.uniform(-0.04, 0.04),
    pitch: pitch + own.uniform(-0.02, 0.02),
    roll: roll + own.uniform(-0.02, 0.02),
    yaw,
    noise,
  };
}

function recordActivity(user: number, label: number, middle: Motion): Recording[] {
  const habit = habitOf(user, label, middle);
  return TRIALS.map(({ trial, part, seconds }) => {
    const random = new Prng(3, user, label, trial);
    const samples = simulate(habit, seconds * SAMPLE_RATE, random);
    return { user, label, trial, part, samples };
  });
}

/** One trial: pace and swing wander slowly about the habit, the phone sits a little differently. */
function simulate(habit: Habit, count: number, random: Prng): Float64Array {
  const pace = habit.pace * random.uniform(0.96, 1.04);
  const swing = habit.swing * random.uniform(0.9, 1.1);
  const turn = rotation(
    habit.lean + habit.pitch + random.uniform(-0.01, 0.01),
    habit.roll + random.uniform(-0.01, 0.01),
    habit.yaw + random.uniform(-0.015, 0.015),
  );
  const samples = new Float64Array(count * 3);
  let phase = random.uniform();
  let drift = 0;
  for (let t = 0; t < count; t++) {
    drift = 0.95 * drift + 0.02 * random.normal();
    phase += (pace * (1 + drift)) / SAMPLE_RATE;
    const body = bodyAcceleration(habit, swing * (1 + 2 * drift), phase);
    for (let axis = 0; axis < 3; axis++) {
      const row = turn[axis] as readonly number[];
      const clean = dot(row, body);
      samples[t * 3 + axis] = clean + habit.noise * random.normal();
    }
  }
  return samples;
}

/** Sideways, vertical and forward acceleration of the thigh, gravity within. The sway takes two steps. */
function bodyAcceleration(habit: Habit, swing: number, phase: number): [number, number, number] {
  const bounce = sine(phase) + habit.second * sine(2 * phase + 0.15) + habit.third * sine(3 * phase + 0.4);
  const push = habit.forward * (sine(phase + 0.3) + 0.5 * habit.second * sine(2 * phase));
  const sway = habit.sideways * sine(phase / 2 + 0.1);
  return [swing * sway, STANDARD_GRAVITY + swing * bounce, swing * push];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return (
    (a[0] as number) * (b[0] as number) +
    (a[1] as number) * (b[1] as number) +
    (a[2] as number) * (b[2] as number)
  );
}

/** The rows of a rotation by pitch (about x), roll (about z), yaw (about y), in turns, in this order. */
function rotation(pitch: number, roll: number, yaw: number): number[][] {
  const [sp, cp] = [sine(pitch), sine(pitch + 0.25)];
  const [sr, cr] = [sine(roll), sine(roll + 0.25)];
  const [sy, cy] = [sine(yaw), sine(yaw + 0.25)];
  return [
    [cr * cy, -sr, cr * sy],
    [cp * sr * cy + sp * sy, cp * cr, cp * sr * sy - sp * cy],
    [sp * sr * cy - cp * sy, sp * cr, sp * sr * sy + cp * cy],
  ];
}

/** sin of an angle in turns, within 1e-7: folded to a quarter turn, then the series to the 11th power. */
function sine(turns: number): number {
  let t = turns - Math.floor(turns + 0.5);
  if (t > 0.25) t = 0.5 - t;
  if (t < -0.25) t = -0.5 - t;
  const x = t * 6.283185307179586;
  const z = x * x;
  return x * (1 - (z / 6) * (1 - (z / 20) * (1 - (z / 42) * (1 - (z / 72) * (1 - z / 110)))));
}
