/** Build attributes, against GNU readelf, for programs of several cores; and which of them are refused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectureOf, architectureProblems, loadElf } from '../../../emulator/index.js';
import { runTool, scratchFolder } from '../../witness/tool.js';

const binutils = 'binutils-arm-none-eabi';

/** A program that has nothing but a reset handler and a product of doubles. */
function built(flags: readonly string[]): string {
  const source = join(scratchFolder(), 'attributes.c');
  const path = join(scratchFolder(), `attributes-${flags.join('')}.elf`);
  writeFileSync(source, 'double x; void Reset_Handler(void) { x *= 2; }\n');
  const link = ['-mthumb', '-nostdlib', '-Ttext=0x08000000', '-eReset_Handler', '-Wl,--no-warn-rwx-segments'];
  const gcc = { program: 'arm-none-eabi-gcc', debianPackage: 'gcc-arm-none-eabi' };
  const { status, stderr } = runTool(gcc, [...flags, ...link, source, '-lgcc', '-o', path]);
  if (status !== 0) throw new Error(stderr);
  return path;
}

/** Tag to text, as readelf has them. */
function readelf(path: string): Map<string, string> {
  const { stdout } = runTool({ program: 'arm-none-eabi-readelf', debianPackage: binutils }, ['-A', path]);
  const lines = stdout.matchAll(/^ +Tag_(\w+): "?(.*?)"?$/gm);
  return new Map(Array.from(lines, ([, tag = '', value = '']) => [tag, value]));
}

const HARD = '-mfloat-abi=hard';
const CORES: readonly (readonly [flags: readonly string[], refused: RegExp | undefined])[] = [
  [['-mcpu=cortex-m4', HARD, '-mfpu=fpv4-sp-d16'], undefined],
  [['-mcpu=cortex-m4'], undefined],
  [['-mcpu=cortex-m3'], undefined],
  [['-mcpu=cortex-m0'], undefined],
  [['-mcpu=cortex-m33'], /^is built for Arm v8-M\.mainline, profile Microcontroller/],
  [['-mcpu=cortex-a9', HARD, '-mfpu=vfpv3-d16'], /^is built for Arm v7, profile Application/],
  [['-mcpu=cortex-a9', HARD, '-mfpu=neon'], /Neon/],
  [['-mcpu=cortex-r5'], /^is built for Arm v7, profile Realtime/],
  [
    ['-mcpu=cortex-m7', HARD, '-mfpu=fpv5-sp-d16'],
    /^is built for FPv5\/FP-D16 for ARMv8; a Cortex-M4F has FPv4/,
  ],
  [['-mcpu=cortex-m7', HARD, '-mfpu=fpv5-d16'], /double precision in hardware/],
  [['-march=armv7e-m', HARD, '-mfpu=vfpv4-d16'], /^is built for double precision in hardware \(VFPv4-D16\)/],
];

describe('build attributes', () => {
  it.each(CORES)('of %j are what readelf says', (flags) => {
    const path = built(flags);
    const { attributes } = loadElf(readFileSync(path), 'a.elf');
    if (attributes === undefined) throw new Error('no attributes');
    const theirs = readelf(path);
    const { cpu, profile, float, floatPrecision, floatArguments, simd } = architectureOf(attributes);
    expect({ name: attributes.cpuName, cpu, profile, float, simd }).toEqual({
      name: theirs.get('CPU_name'),
      cpu: theirs.get('CPU_arch'),
      profile: theirs.get('CPU_arch_profile') ?? 'any',
      float: theirs.get('FP_arch') ?? 'none',
      simd: theirs.has('Advanced_SIMD_arch'),
    });
    expect(floatPrecision === 'single').toBe(theirs.get('ABI_HardFP_use') === 'SP only');
    expect(floatArguments === 'FP registers').toBe(theirs.get('ABI_VFP_args') === 'VFP registers');
  });

  it.each(CORES)('of %j decide whether a Cortex-M4F runs it', (flags, refused) => {
    const { attributes } = loadElf(readFileSync(built(flags)), 'a.elf');
    const problems = attributes && architectureProblems(attributes, { fpu: true });
    if (refused === undefined) expect(problems).toEqual([]);
    else expect(problems?.join('; ')).toMatch(refused);
  });

  it('ask for an FPU where the MCU has none', () => {
    const { attributes } = loadElf(readFileSync(built([...(CORES[0]?.[0] ?? [])])), 'a.elf');
    const problems = attributes && architectureProblems(attributes, { fpu: false });
    expect(problems).toEqual(['is built for an FPU (VFPv4-D16), which this MCU lacks']);
  });

  it('that are cut short or too long in a part are an error of the file, by name', () => {
    const bytes = readFileSync(built(['-mcpu=cortex-m4']));
    const at = bytes.indexOf('aeabi\0', 0, 'latin1');
    const damaged = (offset: number, value: number) => {
      const copy = Uint8Array.from(bytes);
      copy[at + offset] = value;
      return () => loadElf(copy, 'a.elf');
    };
    expect(damaged(-4, 0xff)).toThrow(/a\.elf: \.ARM\.attributes, byte \d+.* must fit into it/);
    expect(damaged(7, 0xff)).toThrow(/the size of a part must fit into it/);
    expect(damaged(-5, 0x42)().attributes).toBeUndefined();
    const [last] = [bytes.indexOf('7E-M\0', at, 'latin1')];
    const endless = Uint8Array.from(bytes);
    endless.fill(0xff, last + 5, last + 12);
    expect(() => loadElf(endless, 'a.elf')).toThrow(/a number in it must fit 32 bits/);
  });
});
