/** What the translator needs of a machine that measures: the sites to follow, and whom to tell. */
import type { Memory } from '../core/memory.js';
import { type Decoded, decodeAt } from '../decode/decoder.js';
import type { MeasuredSite, MeasuredSource } from '../translate/instruction-graph.js';
import type { MeasuredCall } from '../translate/measured-code.js';
import { isCall, shapeOf } from '../translate/shape.js';
import type { HostFunctions } from '../translate/translator.js';
import type { UnitClock } from '../translate/unit-clock.js';
import type { CoreComplex, CoreProbes } from './core-complex.js';
import type { SitePlan } from './measure/site-plan.js';

interface Measuring {
  /** Undefined: the machine measures nothing. */
  readonly source: MeasuredSource | undefined;
  readonly host: Pick<HostFunctions, MeasuredCall>;
  /** An instruction that stays the interpreter's. */
  isWatched(decoded: Decoded, address: number): boolean;
}

const nothing = (): number => 0;
const NOTHING: Measuring = {
  source: undefined,
  host: { storing: nothing, branched: nothing, moved: nothing },
  isWatched: () => false,
};

/** A site with the address of what follows it. */
interface Followed {
  readonly plan: SitePlan;
  readonly following: number;
}

/** A call may return to an address: one stands before it. */
function followsCall(memory: Memory, address: number): boolean {
  return [2, 4].some((size) => {
    const decoded = decodeAt((at) => memory.fetch(at), address - size);
    return decoded?.size === size && isCall(decoded, address - size);
  });
}

function hostOf(probes: CoreProbes, sites: readonly Followed[], clock: UnitClock): Measuring['host'] {
  return {
    storing: (address = 0, words = 0) => {
      probes.storing(address, words);
      return 0;
    },
    branched: (number = 0, target = 0) => {
      const { plan, following } = sites[number - 1] as Followed;
      if (!plan.links && target === following) return 0;
      clock.toCountdown();
      probes.branched(plan, target >>> 0);
      return 0;
    },
    moved: (pc = 0) => {
      clock.toCountdown();
      probes.moved(pc);
      clock.fromCountdown();
      return 0;
    },
  };
}

export function measuredTranslation(core: CoreComplex, clock: UnitClock): Measuring {
  const { probes } = core;
  if (probes === undefined) return NOTHING;
  const sites: Followed[] = [];
  const siteOf = (decoded: Decoded, address: number): MeasuredSite | undefined => {
    const plan = probes.planAt(decoded, address);
    if (plan === undefined) return undefined;
    return { ...plan, number: sites.push({ plan, following: (address + decoded.size) | 0 }) };
  };
  return {
    source: {
      watchesStores: probes.watchesStores,
      siteAt: ({ decoded, address }) => decoded && siteOf(decoded, address),
      entering: (address) => probes.entering(address),
      isQuiet: ({ fn }, target) => probes.functionAt(target) === fn && !followsCall(core.memory, target),
    },
    host: hostOf(probes, sites, clock),
    isWatched: (decoded, address) =>
      probes.planAt(decoded, address)?.replacesSP === true && shapeOf(decoded, address, false).loads > 0,
  };
}
