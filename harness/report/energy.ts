/**
 * Energy from cycles by a datasheet's Run-mode current: an estimate, verified nowhere. Cycles asleep count as
 * if the core ran, and what the current is at another clock or voltage the figure does not say.
 */
import * as z from 'zod';
import type { McuProfile } from '../../emulator/index.js';

export const energyFigureSchema = z.object({
  runMicroampsPerMHz: z.number().describe('Supply current in Run mode, microamperes a MHz'),
  supplyVolts: z.number(),
  celsius: z.number().nullable().describe('Null: the source does not say'),
  atHz: z.int().nullable().describe('The core clock of the figure; null: the source does not say'),
  source: z.string().nullable().describe('Where the figure comes from; null: the profile does not say'),
  verified: z.literal(false).describe('A datasheet figure: nobody has measured this program'),
});

export const energySchema = energyFigureSchema
  .extend({
    joules: z.number().nonnegative().describe('Current x voltage x time, cycles asleep as if awake'),
  })
  .describe('An estimate');

export type EnergyFigure = z.output<typeof energyFigureSchema>;
export type Energy = z.output<typeof energySchema>;

/** Null where the profile has no figure. */
export function energyFigure({ energy, sources }: McuProfile): EnergyFigure | null {
  if (energy === undefined) return null;
  const { runMicroampsPerMHz, supplyVolts, celsius = null, atHz = null } = energy;
  const source = sources.energy ?? null;
  return { runMicroampsPerMHz, supplyVolts, celsius, atHz, source, verified: false };
}

/** A current that grows with the clock makes the charge of a cycle the same at every clock. */
export function energyOf(figure: EnergyFigure | null, cycles: number): Energy | null {
  if (figure === null) return null;
  const coulombsACycle = figure.runMicroampsPerMHz * 1e-12;
  return { ...figure, joules: coulombsACycle * figure.supplyVolts * cycles };
}

/** `91 uA/MHz at 3.3 V, 25 degrees Celsius, 80 MHz`. */
export function figureText({ runMicroampsPerMHz, supplyVolts, celsius, atHz }: EnergyFigure): string {
  const warmth = celsius === null ? '' : `, ${celsius} degrees Celsius`;
  const clock = atHz === null ? '' : `, ${atHz / 1e6} MHz`;
  return `${runMicroampsPerMHz} uA/MHz at ${supplyVolts} V${warmth}${clock}`;
}

/** With its unit: `39.89 mJ`. */
export function joulesText(joules: number): string {
  if (joules >= 1) return `${joules.toFixed(2)} J`;
  return joules >= 1e-3 ? `${(joules * 1e3).toFixed(2)} mJ` : `${(joules * 1e6).toFixed(2)} uJ`;
}

/** `39.89 mJ by 91 uA/MHz at 3.3 V, a datasheet figure, unverified`. */
export function estimateText(energy: Energy): string {
  return `${joulesText(energy.joules)} by ${figureText(energy)}, a datasheet figure, unverified`;
}

/** What has to stand beside a figure. */
export function caveatText({ source }: EnergyFigure): string {
  return `datasheet figure, unverified: ${source ?? 'source unknown'}`;
}
