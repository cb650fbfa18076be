import { describe, expect, it } from 'vitest';
import {
  caveatText,
  energyFigure,
  energyOf,
  figureText,
  joulesText,
} from '../../../harness/report/energy.js';
import { profileOf } from '../../emulator/machine/guest-machine.js';

const figure = energyFigure(profileOf('stm32l496zg'));

describe('energy', () => {
  it('is current x voltage x time: 80 MHz for a second at 91 uA/MHz and 3.3 V', () => {
    const amperes = 91e-6 * 80;
    expect(energyOf(figure, 80e6)?.joules).toBeCloseTo(amperes * 3.3 * 1, 12);
    expect(energyOf(figure, 0)?.joules).toBe(0);
  });

  it('carries its figure, source and doubt', () => {
    expect(energyOf(figure, 1)).toMatchObject({ runMicroampsPerMHz: 91, supplyVolts: 3.3, verified: false });
    expect(figure && caveatText(figure)).toMatch(/^datasheet figure, unverified: ST DS11585/);
    expect(figure && figureText(figure)).toBe('91 uA/MHz at 3.3 V');
    const f407 = energyFigure(profileOf('stm32f407vg'));
    expect(f407 && figureText(f407)).toBe('238 uA/MHz at 3.3 V, 25 degrees Celsius, 168 MHz');
  });

  it('is null where no figure has a source', () => {
    const without = energyFigure(profileOf('mps2-an386'));
    expect([without, energyOf(without, 1000)]).toEqual([null, null]);
    expect(energyFigure(profileOf('stm32l4r5zi'))).toBeNull();
  });

  it('has a unit that shows it', () => {
    expect([0.02, 1.5, 3e-7].map(joulesText)).toEqual(['20.00 mJ', '1.50 J', '0.30 uJ']);
  });
});
