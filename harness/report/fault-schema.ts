/** A fault in the report of a run, as JSON; emulator/machine/fault-report.ts makes it. */
import * as z from 'zod';
import type { FaultReport } from '../../emulator/index.js';

const word = z.int().min(0).max(0xffffffff);

const frame = z.object({
  pc: word.describe('Address of the instruction; of a caller of the one its call returns to'),
  kind: z
    .enum(['fault', 'branch', 'caller', 'interrupted'])
    .describe(
      'fault: where it stopped; branch: what led there, and was no call; ' +
        'caller: called the frame before; interrupted: by an exception',
    ),
  by: z.string().nullable().describe('The exception that interrupted it: HardFault, SysTick, IRQ5'),
  function: z.string().nullable().describe('Symbol; null where no symbol is'),
  offset: z.int().nullable().describe('pc less the address of the symbol'),
  file: z.string().nullable().describe('As the compiler was given it; null: no line information'),
  line: z.int().positive().nullable().describe('Of a caller the line of its call'),
});

const register = z.object({
  register: z.enum(['CFSR', 'HFSR', 'DFSR']),
  value: word,
  bits: z.array(z.object({ name: z.string(), meaning: z.string() })).describe('Those that are set'),
});

export const faultSchema: z.ZodType<FaultReport> = z
  .object({
    text: z.string().describe('What went wrong, in a sentence'),
    r: z.array(word).length(16).describe('R0 to R12, SP, LR and PC, as the code had them that faulted'),
    xpsr: word,
    msp: word,
    psp: word,
    control: word,
    primask: word,
    basepri: word,
    faultmask: word,
    float: z
      .object({ s: z.array(word).length(32).describe('S0 to S31, their bits'), fpscr: word })
      .nullable()
      .describe('Null: the code had not used the FPU'),
    mode: z.enum(['thread', 'handler']),
    exception: z.string().nullable().describe('What the code handled: SysTick, IRQ5; null in Thread mode'),
    privileged: z.boolean(),
    stack: z.enum(['main', 'process']).describe('The stack in use'),
    excReturn: word.nullable().describe("LR as the fault's exception found it; null: none was entered"),
    status: z.array(register).describe('Fault status registers in which a bit is set'),
    mmfar: word.nullable().describe('MMFAR; null: not valid'),
    bfar: word.nullable().describe('BFAR; null: not valid'),
    earlier: z.array(z.string()).describe('Faults that were still being handled, the earliest first'),
    backtrace: z.object({
      frames: z.array(frame).describe('The innermost first'),
      leftOut: z.int().nonnegative().describe('Frames left out after the first 32'),
    }),
  })
  .describe('Registers, fault registers in words, and who called whom, when a program was stopped');
