/** What a program's build attributes say in words, and whether a Cortex-M4 can run what they allow. */
import type { BuildAttributes } from './build-attributes.js';

/** Tag_CPU_arch, by value (Arm ABI Addenda32, "Target-related attributes"). */
const ARCHITECTURES: readonly string[] = [
  ...['Pre-v4', 'v4', 'v4T', 'v5T', 'v5TE', 'v5TEJ', 'v6', 'v6KZ', 'v6T2', 'v6K', 'v7', 'v6-M', 'v6S-M'],
  ...['v7E-M', 'v8', 'v8-R', 'v8-M.baseline', 'v8-M.mainline', 'v8.1-A', 'v8.2-A', 'v8.3-A'],
  ...['v8.1-M.mainline', 'v9'],
];
/** Those whose code ARMv7E-M runs; v7 only with profile M. */
const RUNNABLE: ReadonlySet<string> = new Set(['v6-M', 'v6S-M', 'v7E-M']);
/** Tag_CPU_arch_profile. */
const PROFILES: Readonly<Record<string, string>> = {
  A: 'Application',
  R: 'Realtime',
  M: 'Microcontroller',
  S: 'Application or Realtime',
};
/** Tag_FP_arch, by value. FPv4-SP is VFPv4-D16 in single precision. */
const FLOAT_ARCHITECTURES: readonly string[] = [
  ...['none', 'VFPv1', 'VFPv2', 'VFPv3', 'VFPv3-D16', 'VFPv4', 'VFPv4-D16'],
  ...['FP for ARMv8', 'FPv5/FP-D16 for ARMv8'],
];
const VFPV4_D16 = 6;
const SINGLE_ONLY = 1;
/** Tag_ABI_VFP_args. */
const ARGUMENTS: readonly string[] = ['core registers', 'FP registers', 'another convention', 'none'];

/** What a program was built for, in words. */
export interface Architecture {
  /** `v7E-M`. */
  readonly cpu: string;
  /** `Microcontroller`; `any` where the file says nothing. */
  readonly profile: string;
  /** `VFPv4-D16`, `none`. */
  readonly float: string;
  readonly floatPrecision: 'none' | 'single' | 'single and double';
  /** Where FP arguments are passed: `FP registers` is the hard-float ABI. */
  readonly floatArguments: string;
  readonly simd: boolean;
}

const named = (names: readonly string[], value: number): string => names[value] ?? `unknown (${value})`;

/** The build attributes in words; a value that is not known says so. */
export function architectureOf(attributes: BuildAttributes): Architecture {
  const { cpuArch, cpuProfile, fpArch, hardFloatUse, floatArguments, simdArch } = attributes;
  const letter = String.fromCharCode(cpuProfile);
  const precision = hardFloatUse === SINGLE_ONLY ? 'single' : 'single and double';
  return {
    cpu: named(ARCHITECTURES, cpuArch),
    profile: cpuProfile === 0 ? 'any' : (PROFILES[letter] ?? `unknown (${cpuProfile})`),
    float: named(FLOAT_ARCHITECTURES, fpArch),
    floatPrecision: fpArch === 0 ? 'none' : precision,
    floatArguments: named(ARGUMENTS, floatArguments),
    simd: simdArch !== 0,
  };
}

/** @returns why a Cortex-M4 cannot run all that the program may hold, in sentences; none when it can */
export function architectureProblems(attributes: BuildAttributes, core: { readonly fpu: boolean }): string[] {
  const { cpu, profile, float, floatPrecision, simd } = architectureOf(attributes);
  const runnable = RUNNABLE.has(cpu) || (cpu === 'v7' && profile === 'Microcontroller');
  const problems: string[] = [];
  if (!runnable) problems.push(`is built for Arm ${cpu}, profile ${profile}; a Cortex-M4 is v7E-M`);
  if (simd) problems.push('is built for Advanced SIMD (Neon), which a Cortex-M4 lacks');
  if (float === 'none') return problems;
  if (!core.fpu) problems.push(`is built for an FPU (${float}), which this MCU lacks`);
  else if (attributes.fpArch > VFPV4_D16) problems.push(`is built for ${float}; a Cortex-M4F has FPv4-SP`);
  if (core.fpu && floatPrecision !== 'single')
    problems.push(`is built for double precision in hardware (${float}); a Cortex-M4F has single alone`);
  return problems;
}
