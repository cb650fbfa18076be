/**
 * Machines for tests: small assembly programs, built and loaded. A program has a vector table whose
 * handlers it may define, keeps R9 for `put`, which notes a word, and ends with `b report`, which prints
 * the words and exits. So the same ELF tells its story to us and to QEMU.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ElfImage,
  loadElf,
  Machine,
  type MachineOptions,
  type McuProfile,
  parseMcuProfile,
} from '../../../emulator/index.js';
import { buildElf, type WitnessMcu } from '../../witness/compiler.js';
import { runQemu } from '../../witness/qemu.js';

const profiles = join(import.meta.dirname, '..', '..', '..', 'profiles', 'mcu');

/** A shipped profile; `parameters` are those of its timing model. */
export function profileOf(mcu: WitnessMcu, parameters: Readonly<Record<string, number>> = {}): McuProfile {
  const json = JSON.parse(readFileSync(join(profiles, `${mcu}.json`), 'utf8'));
  return parseMcuProfile({ ...json, timing: { ...json.timing, parameters } }, mcu);
}

/** Where the stack starts, in every program of this file. */
export const STACK_TOP = 0x20008000;

const HANDLERS = [
  ...[
    'NMI',
    'HardFault',
    'MemManage',
    'BusFault',
    'UsageFault',
    '',
    '',
    '',
    '',
    'SVC',
    'DebugMon',
    '',
    'PendSV',
  ],
  ...['SysTick', 'IRQ0', 'IRQ1', 'IRQ2', 'IRQ3'],
];

/** The handlers that a program lacks are Default_Handler, which loops. */
function vectors(source: string): string {
  return HANDLERS.map((name) => {
    const handler = source.includes(`\n${name}_Handler:`) ? `${name}_Handler` : 'Default_Handler';
    return `  .word ${name === '' ? 0 : handler}\n`;
  }).join('');
}

const prelude = (source: string) => `
  .syntax unified
  .thumb
  .macro put register
    str \\register, [r9], #4
  .endm
  .macro poke address, value
    ldr r0, =\\address
    ldr r1, =\\value
    str r1, [r0]
    dsb
    isb
  .endm
  .macro peek address
    ldr r0, =\\address
    ldr r0, [r0]
    put r0
  .endm
  .bss
  .balign 4
text: .space 12
out: .space 1024
  .section .vectors, "a"
  .word ${STACK_TOP}
  .word Reset_Handler
${vectors(source)}  .text
  .global Reset_Handler
  .type Reset_Handler, %function
  .type Default_Handler, %function
Default_Handler: b .
Reset_Handler:
  ldr r9, =out
  b main
report:
  ldr r6, =out
1: cmp r6, r9
  beq 3f
  ldr r0, [r6], #4
  ldr r1, =text
  movs r2, #8
2: ror r0, r0, #28
  and r3, r0, #15
  cmp r3, #10
  ite lo
  addlo r3, #'0'
  addhs r3, #'a' - 10
  strb r3, [r1], #1
  subs r2, #1
  bne 2b
  movs r3, #10
  strb r3, [r1], #1
  movs r3, #0
  strb r3, [r1]
  ldr r1, =text
  movs r0, #4
  bkpt 0xab
  b 1b
3: movs r0, #0x18
  ldr r1, =0x20026
  bkpt 0xab
  .ltorg
`;

/**
 * Every global label that starts a line is a Thumb function, so that its address has bit 0 where code uses
 * it.
 */
function withFunctionTypes(source: string): string {
  return source.replace(/^(main|\w+_Handler|\w+_code):/gm, '  .type $1, %function\n$1:');
}

export interface Guest {
  readonly machine: Machine;
  readonly elf: ElfImage;
  readonly path: string;
  /** What the program printed so far. */
  readonly console: () => string;
  /** The address of a label. */
  readonly address: (label: string) => number;
}

export interface GuestOptions {
  readonly mcu?: WitnessMcu;
  readonly parameters?: Readonly<Record<string, number>>;
  /** Instead of the shipped profile. */
  readonly profile?: McuProfile;
  /** What the machine is made with beside the console. */
  readonly machine?: Omit<MachineOptions, 'console'>;
}

/** @param source assembly with `main` and any of the handlers */
export function guest(source: string, options: GuestOptions = {}): Guest {
  const { mcu = 'stm32l496zg', parameters = {}, profile = profileOf(mcu, parameters) } = options;
  const path = buildElf(`${prelude(source)}${withFunctionTypes(source)}\n  .ltorg\n`, {
    language: 's',
    mcu,
    startup: 'own',
  });
  const elf = loadElf(readFileSync(path), 'guest.elf');
  let printed = '';
  const machine = new Machine(profile, {
    ...options.machine,
    console: (text) => {
      printed += text;
    },
  });
  machine.load(elf);
  const address = (label: string): number => {
    const symbol = elf.symbol(label);
    if (symbol === undefined) throw new Error(`the program has no label ${label}`);
    return symbol.address;
  };
  return { machine, elf, path, console: () => printed, address };
}

/** The words a program put, as numbers; throws unless it ended by itself with status 0. */
export function wordsOf(source: string, options: GuestOptions = {}): number[] {
  const { machine, console } = guest(source, options);
  const stop = machine.run({ maxCycles: 1_000_000 });
  if (stop.reason !== 'exit' || stop.code !== 0) throw new Error(JSON.stringify(stop));
  return parse(console());
}

/** The same words on QEMU's mps2-an386 and on ours; throws where they differ. */
export function agreedWords(source: string): number[] {
  const { machine, console, path } = guest(source, { mcu: 'mps2-an386' });
  const stop = machine.run({ maxCycles: 1_000_000 });
  const qemu = runQemu(path);
  const [ours, theirs] = [
    JSON.stringify(stop) + console(),
    JSON.stringify({ reason: 'exit', code: 0 }) + qemu.stdout,
  ];
  if (ours !== theirs) throw new Error(`m4lab: ${ours}\nQEMU: ${theirs}${qemu.stderr}`);
  return parse(console());
}

function parse(text: string): number[] {
  return text
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 16));
}
