/**
 * Builds small C or assembly programs with the pinned cross compiler, for tests that need their own ELF.
 * The firmware is not built here: it has its Makefile.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, scratchFolder, type Tool } from './tool.js';

const GCC: Tool = { program: 'arm-none-eabi-gcc', debianPackage: 'gcc-arm-none-eabi' };

export type WitnessMcu = 'mps2-an386' | 'stm32f407vg' | 'stm32l496zg' | 'stm32l4r5zi';

export interface BuildOptions {
  readonly language: 'c' | 's';
  readonly mcu: WitnessMcu;
  /** Added to `-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -O2 -g`; the last one wins. */
  readonly flags?: readonly string[];
  /**
   * `main` (default): the source defines `main`; a start-up file gives the vector table, enables the FPU,
   * sets .data and .bss, and passes main's result to SYS_EXIT_EXTENDED. `own`: the source defines
   * everything, the vector table in section .vectors. `newlib`: after the vector table and the FPU comes
   * newlib's own start-up code, which gives main its arguments.
   */
  readonly startup?: 'main' | 'own' | 'newlib';
  /** newlib's system calls: `nosys` (default) has none, `rdimon` goes by semihosting. */
  readonly libc?: 'nosys' | 'rdimon';
}

/** Bytes and addresses: DAI0386 (the board) and the STM32L496's manual (SRAM1 and SRAM2 in a row). */
const MEMORY: Readonly<Record<WitnessMcu, string>> = {
  'mps2-an386': `FLASH (rx) : ORIGIN = 0x00000000, LENGTH = 4M
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 4M`,
  stm32f407vg: `FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1M
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 128K`,
  stm32l4r5zi: `FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 2M
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 640K`,
  stm32l496zg: `FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1M
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 320K`,
};

const linkerScript = (mcu: WitnessMcu) => `
MEMORY { ${MEMORY[mcu]} }
ENTRY(Reset_Handler)
SECTIONS
{
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  .data : ALIGN(4) { __data_start = .; *(.data*) . = ALIGN(4); __data_end = .; } > RAM AT > FLASH
  __data_load = LOADADDR(.data);
  .bss (NOLOAD) : ALIGN(4)
  { __bss_start = .; *(.bss*) *(COMMON) . = ALIGN(8); __bss_end = .; end = .; } > RAM
  __bss_start__ = __bss_start; __bss_end__ = __bss_end; __end__ = end;
  __stack = ORIGIN(RAM) + LENGTH(RAM);
}
`;

/**
 * Reset_Handler as far as C needs it: the FPU on, .data copied, .bss cleared. What follows calls the
 * program.
 */
export const ENTER_C = `\
  .global Reset_Handler
  .type Reset_Handler, %function
Reset_Handler:
  ldr r0, =0xe000ed88      @ CPACR: full access to CP10 and CP11
  ldr r1, [r0]
  orr r1, r1, #0x00f00000
  str r1, [r0]
  dsb
  isb
  ldr r0, =__data_load
  ldr r1, =__data_start
  ldr r2, =__data_end
1: cmp r1, r2
  ittt lo
  ldrlo r3, [r0], #4
  strlo r3, [r1], #4
  blo 1b
  ldr r1, =__bss_start
  ldr r2, =__bss_end
  movs r3, #0
2: cmp r1, r2
  itt lo
  strlo r3, [r1], #4
  blo 2b
`;

const VECTORS = `
  .syntax unified
  .thumb
  .section .vectors, "a"
  .word __stack
  .word Reset_Handler
  .rept 14
  .word trap
  .endr
  .text
  .type trap, %function
trap: b trap
${ENTER_C}`;

const START = `  .weak initialise_monitor_handles
  ldr r3, =initialise_monitor_handles
  cbz r3, 3f
  blx r3
3: bl main
  ldr r1, =0x20026         @ ADP_Stopped_ApplicationExit
  push {r1, r2}
  str r0, [sp, #4]
  mov r1, sp
  movs r0, #0x20           @ SYS_EXIT_EXTENDED
  bkpt 0xab
  b .
`;

const STARTUPS = { main: VECTORS + START, newlib: `${VECTORS}  b _start\n`, own: undefined } as const;

const built = new Map<string, string>();

/**
 * The path of the ELF built from `source`; the same source and options are built once a process. The file
 * lives until the process ends. Throws MissingWitness without the compiler, Error with its message if it
 * fails.
 */
export function buildElf(source: string, options: BuildOptions): string {
  const key = createHash('sha256')
    .update(JSON.stringify([source, options]))
    .digest('hex')
    .slice(0, 16);
  const known = built.get(key);
  if (known !== undefined) return known;
  const { language, mcu, flags = [], startup = 'main', libc = 'nosys' } = options;
  const path = (suffix: string) => join(scratchFolder(), `${key}${suffix}`);
  const sources = [path(`.${language}`)];
  writeFileSync(path(`.${language}`), source);
  writeFileSync(path('.ld'), linkerScript(mcu));
  const startupSource = STARTUPS[startup];
  if (startupSource !== undefined) {
    sources.push(path('.startup.s'));
    writeFileSync(path('.startup.s'), startupSource);
  }
  const cpu = ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16', '-O2', '-g'];
  const files = startup === 'newlib' ? [] : ['-nostartfiles'];
  const link = [...files, `--specs=${libc}.specs`, `-T${path('.ld')}`, '-Wl,--no-warn-rwx-segments'];
  const { status, stderr } = runTool(GCC, [...cpu, ...link, ...flags, ...sources, '-o', path('.elf')]);
  if (status !== 0) throw new Error(`${GCC.program} exited with ${status}: ${stderr}`);
  built.set(key, path('.elf'));
  return path('.elf');
}
