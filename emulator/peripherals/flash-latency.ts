/** Tells when flash is read with fewer wait states than the core clock needs. */
import type { PeripheralSite } from '../ports.js';

const MEGAHERTZ = 1e6;

/**
 * @param latency wait states as programmed
 * @param needed wait states that a core clock in hertz needs; undefined: no table
 */
export function watchLatency(
  site: PeripheralSite,
  latency: () => number,
  needed: (hertz: number) => number | undefined,
): () => void {
  const look = (): void => {
    const hertz = site.clocks.hertz('core');
    const least = needed(hertz);
    if (least === undefined || latency() >= least) return;
    const clock = `${hertz / MEGAHERTZ} MHz`;
    site.notice(
      'flash-latency',
      `flash was set to ${latency()} wait states at ${clock}, which needs ${least}: silicon may read wrongly`,
    );
  };
  site.clocks.onChange(look);
  return look;
}
