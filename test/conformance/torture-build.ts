/**
 * Builds a torture program for the mps2-an386 with the pinned cross compiler, newlib and its semihosting, so
 * that exit() and abort() end the run. Not test/witness/compiler.ts, because these are whole C programs: they
 * want exit handlers, constructors and several sources, and there are thousands.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENTER_C } from '../witness/compiler.js';
import { MissingWitness } from '../witness/missing-witness.js';
import { runProgram } from './run-program.js';
import { cacheFolder, type TortureProgram } from './torture-programs.js';

const GCC = 'arm-none-eabi-gcc';
const CPU = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'];

export const LEVELS = ['-O0', '-O2', '-Os'] as const;
export type Level = (typeof LEVELS)[number];

/** Bytes and addresses: DAI0386. */
const LINKER_SCRIPT = `
MEMORY
{
  CODE (rx)  : ORIGIN = 0x00000000, LENGTH = 4M
  RAM  (rwx) : ORIGIN = 0x20000000, LENGTH = 4M
}
ENTRY(Reset_Handler)
SECTIONS
{
  .text :
  {
    KEEP(*(.vectors)) *(.text*) *(.rodata*)
    . = ALIGN(4);
    __preinit_array_start = .; KEEP(*(.preinit_array*)) __preinit_array_end = .;
    __init_array_start = .; KEEP(*(SORT(.init_array.*))) KEEP(*(.init_array)) __init_array_end = .;
    __fini_array_start = .; KEEP(*(SORT(.fini_array.*))) KEEP(*(.fini_array)) __fini_array_end = .;
  } > CODE
  .ARM.exidx : { __exidx_start = .; *(.ARM.exidx*) __exidx_end = .; } > CODE
  .data : ALIGN(8) { __data_start = .; *(.data*) . = ALIGN(4); __data_end = .; } > RAM AT > CODE
  __data_load = LOADADDR(.data);
  .bss (NOLOAD) : ALIGN(8)
  { __bss_start = .; *(.bss*) *(COMMON) . = ALIGN(8); __bss_end = .; end = .; } > RAM
  __stack = ORIGIN(RAM) + LENGTH(RAM);
}
`;

/** A fault ends the program with status 1, as abort() does. */
const STARTUP = `
  .syntax unified
  .thumb
  .section .vectors, "a"
  .word __stack
  .word Reset_Handler
  .rept 14
  .word m4lab_fault
  .endr
  .text
  .type m4lab_fault, %function
m4lab_fault:
  movs r0, #0x18           @ SYS_EXIT
  ldr r1, =0x20023         @ ADP_Stopped_RunTimeError
  bkpt 0xab
  b .
${ENTER_C}  bl initialise_monitor_handles
  bl __libc_init_array
  movs r0, #0
  movs r1, #0
  bl main
  bl exit
  b .
  .global _init
  .type _init, %function
  .global _fini
  .type _fini, %function
_init:
_fini:
  bx lr
`;

/**
 * What is under the torture programs: the linker script and the start-up object, made once for each version
 * of the compiler. The folder's name is part of what an ELF is kept under.
 */
async function foundation(): Promise<{ script: string; startup: string }> {
  const version = await runProgram(GCC, ['--version']);
  if (version.status === undefined) throw new MissingWitness(GCC, 'gcc-arm-none-eabi', version.stderr);
  const hash = createHash('sha256').update(version.stdout).update(LINKER_SCRIPT).update(STARTUP);
  const key = hash.digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `foundation-${key}`);
  mkdirSync(folder, { recursive: true });
  const [script, source, startup] = ['mps2.ld', 'startup.s', 'startup.o'].map((name) => join(folder, name));
  if (script === undefined || source === undefined || startup === undefined) throw new Error('unreachable');
  if (!existsSync(startup)) {
    writeFileSync(script, LINKER_SCRIPT);
    writeFileSync(source, STARTUP);
    const object = `${startup}.${process.pid}`;
    const { status, stderr } = await runProgram(GCC, [...CPU, '-c', source, '-o', object]);
    if (status !== 0) throw new Error(`${GCC} could not assemble the start-up: ${stderr}`);
    renameSync(object, startup);
  }
  return { script, startup };
}

let ready: Promise<{ script: string; startup: string }> | undefined;

export type Built = { readonly elf: string } | { readonly notBuilt: string };

/** The reason in a few words, the same for the same kind of trouble. */
function reasonOf(stderr: string): string {
  if (/region `\w+' overflowed|will not fit in region/.test(stderr)) return 'does not fit the board’s memory';
  const missing = /undefined reference to `([^']+)'/.exec(stderr);
  if (missing !== null) return `needs \`${missing[1]}\`, which newlib lacks`;
  const error = /error: (.*)/.exec(stderr);
  return `does not compile: ${error?.[1] ?? stderr.trim().split('\n').at(-1) ?? 'no message'}`;
}

/** Builds into the cache, or takes from it. @throws MissingWitness without the compiler */
export async function buildTorture(program: TortureProgram, level: Level): Promise<Built> {
  ready ??= foundation();
  const { script, startup } = await ready;
  const options = [...CPU, level, '-w', ...program.options, '-nostartfiles', '--specs=rdimon.specs'];
  const hash = createHash('sha256').update(JSON.stringify([options, script]));
  for (const source of program.sources) hash.update(existsSync(source) ? readFileSync(source) : source);
  const folder = join(cacheFolder(), 'elf');
  mkdirSync(folder, { recursive: true });
  const elf = join(folder, `${basename(program.name)}${level}-${hash.digest('hex').slice(0, 16)}.elf`);
  if (existsSync(elf)) return { elf };
  if (existsSync(`${elf}.txt`)) return { notBuilt: reasonOf(readFileSync(`${elf}.txt`, 'utf8')) };
  const partial = `${elf}.${process.pid}`;
  const link = [`-T${script}`, '-Wl,--no-warn-rwx-segments', '-Wl,-s', startup];
  const { status, stderr } = await runProgram(GCC, [
    ...options,
    ...program.sources,
    ...link,
    '-lm',
    '-o',
    partial,
  ]);
  if (status === 0) renameSync(partial, elf);
  else writeFileSync(`${elf}.txt`, stderr);
  return status === 0 ? { elf } : { notBuilt: reasonOf(stderr) };
}
