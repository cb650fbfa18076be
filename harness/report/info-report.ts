/**
 * The report of `m4lab info`: an MCU as its profile has it, and what an ELF puts there (`m4lab.info/1`).
 * Fields are added later, never changed or removed without a new number. info.schema.json beside this file
 * is the same schema for others.
 */
import * as z from 'zod';
import { energyFigureSchema } from './energy.js';

export const INFO_SCHEMA = 'm4lab.info/1';

const natural = z.int().nonnegative();
const mcu = z.object({
  name: z.string(),
  description: z.string(),
  core: z.object({
    cpuid: natural,
    fpu: z.boolean(),
    mpuRegions: natural,
    priorityBits: natural.describe('Implemented bits of an interrupt priority'),
    interruptCount: natural,
  }),
  memory: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['flash', 'ram']),
      base: natural,
      size: natural.describe('Bytes'),
      aliases: z.array(natural).describe('Other addresses of the same bytes'),
    }),
  ),
  clocks: z.object({ resetHz: natural, maxHz: natural }),
  flashWaitStates: z
    .array(z.object({ upToHz: natural, waitStates: natural }))
    .nullable()
    .describe('In rising order; null: no flash, or no wait states. trm/1 does not count them'),
  interrupts: z
    .array(z.object({ number: natural, name: z.string() }))
    .describe('Those with a name in the profile'),
  peripherals: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        base: natural,
        size: natural,
        interrupts: z.array(natural),
      }),
    )
    .describe('Modelled ones, by rising base'),
  energy: energyFigureSchema
    .nullable()
    .describe('Run mode by the datasheet, unverified; null: no figure with a source'),
  timing: z.object({
    model: z.string(),
    parameters: z.record(z.string(), z.number()),
    source: z.string().nullable(),
  }),
});

const symbol = z.object({ name: z.string(), address: natural, size: natural, region: z.string().nullable() });

const elf = z.object({
  path: z.string(),
  sha256: z.string(),
  entry: natural,
  entrySymbol: z.string().nullable(),
  symbolCount: natural,
  functionCount: natural,
  architecture: z
    .object({
      cpuName: z.string(),
      cpu: z.string(),
      profile: z.string(),
      float: z.string(),
      floatPrecision: z.enum(['none', 'single', 'single and double']),
      floatArguments: z.string(),
      simd: z.boolean(),
    })
    .nullable()
    .describe('By its build attributes (.ARM.attributes); null: it has none'),
  memory: z
    .object({
      flashBytes: natural,
      dataBytes: natural,
      bssBytes: natural,
      staticBytes: natural,
      reservedBytes: natural,
    })
    .describe('Bytes; static is data and bss, reserved are sections for stack and heap'),
  segments: z.array(
    z.object({
      physicalAddress: natural,
      virtualAddress: natural,
      fileBytes: natural,
      memoryBytes: natural,
      access: z.string(),
    }),
  ),
  sections: z
    .array(z.object({ name: z.string(), type: z.string(), address: natural, size: natural }))
    .describe('Those that take memory'),
  regions: z.array(
    z.object({ name: z.string(), base: natural, size: natural, used: natural.describe('Bytes of the ELF') }),
  ),
  largest: z
    .object({
      '.text': z.array(symbol),
      '.rodata': z.array(symbol),
      '.data': z.array(symbol),
      '.bss': z.array(symbol),
    })
    .describe('The largest symbols of each kind (code, constants, variables), as many as --symbols says'),
  problems: z.array(z.string()).describe('Why it does not run on this MCU; empty: it fits'),
});

export const infoSchema = z.object({
  schema: z.literal(INFO_SCHEMA),
  mcu,
  elf: elf.nullable().describe('Null: an MCU alone was asked for'),
});

export type InfoReport = z.output<typeof infoSchema>;
export type McuInfo = InfoReport['mcu'];
export type ElfInfo = NonNullable<InfoReport['elf']>;

export function infoReport(facts: Omit<InfoReport, 'schema'>): InfoReport {
  return infoSchema.parse({ schema: INFO_SCHEMA, ...facts });
}

/** JSON Schema (draft 2020-12) of the report. */
export function infoJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(infoSchema);
}
