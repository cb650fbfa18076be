/**
 * What an MCU is, as data: the schema of profiles/mcu/*.json, its types, and questions about the memory map.
 * Pure: reading the file is the command line's. No MCU's figure stands here.
 */
import * as z from 'zod';
import { UserError } from '../errors.js';

const MAX_ADDRESS = 2 ** 32;

/** JSON has no hexadecimal, and a memory map in decimal cannot be read: addresses are strings. */
const hexNumber = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,8}$/, 'must be a string of the form "0x20000000"')
  .transform((text) => Number.parseInt(text, 16))
  .describe('A 32-bit number in hexadecimal, "0x" and 1 to 8 digits');

const hertz = z.int().positive().describe('Hertz');

const region = z
  .strictObject({
    name: z.string().min(1),
    kind: z.enum(['flash', 'ram']).describe('flash: a store by the program faults; ram: it does not'),
    base: hexNumber.describe('Where the linker scripts place it'),
    size: hexNumber.describe('Bytes'),
    aliases: z.array(hexNumber).describe('Other addresses at which the same bytes appear, whole'),
  })
  .describe('One block of memory');

const core = z.strictObject({
  cpuid: hexNumber.describe('The CPUID register'),
  fpu: z.boolean().describe('True for a Cortex-M4F (FPv4-SP)'),
  mpuRegions: z.int().min(0).max(16),
  interruptPriorityBits: z.int().min(3).max(8),
  interruptCount: z.int().min(1).max(240).describe('Interrupt lines, IRQ0 upwards'),
});

const clocks = z.strictObject({
  resetHz: hertz.describe('The core clock when a program starts'),
  maxHz: hertz.describe('The highest core clock that the MCU is specified for'),
  systickReferenceDivider: z
    .int()
    .positive()
    .optional()
    .describe('Core clocks a tick when SYST_CSR.CLKSOURCE is 0; absent: there is no reference clock'),
  systickCalibration: hexNumber
    .optional()
    .describe('SYST_CALIB without NOREF: SKEW and TENMS; absent: it reads 0'),
});

const waitState = z.strictObject({
  upToHz: hertz.describe('Highest core clock for which the number is enough'),
  waitStates: z.int().min(0).max(15),
});

const flash = z.strictObject({
  waitStates: z.array(waitState).min(1).describe('In rising order of upToHz, the last one at maxHz or above'),
});

const timing = z.strictObject({
  model: z.enum(['trm']).describe('trm: the table of the Cortex-M4 TRM, DDI 0439D, at no wait states'),
  parameters: z
    .record(z.string().min(1), z.number())
    .describe("The model's parameters; its defaults otherwise"),
});

const parameter = z.union([
  z.number(),
  z.string(),
  z.boolean(),
  z.array(z.number()),
  z.record(z.string(), z.string()),
]);

const peripheral = z.strictObject({
  name: z.string().min(1).describe("As in the MCU's manual"),
  type: z.string().min(1).describe('A type of emulator/peripherals'),
  base: hexNumber.describe('Address of its first register'),
  size: hexNumber.default(0x400).describe('Bytes of addresses that it answers at; "0x400" when absent'),
  interrupts: z
    .array(z.int().min(0).max(239))
    .optional()
    .describe("Its interrupt lines, in the order of its type's documentation"),
  clock: z.string().optional().describe("The clock that drives it, by a name of the MCU's clock tree"),
  gate: z
    .string()
    .regex(/^\w+\.\d{1,2}$/)
    .optional()
    .describe('Register and bit that switch its registers on: "APB1ENR1.14"'),
  parameters: z.record(z.string(), parameter).optional().describe('What its type asks for'),
});

const range = z
  .strictObject({ base: hexNumber, size: hexNumber })
  .describe('Addresses at which silicon answers with a bus error');

const energy = z.strictObject({
  runMicroampsPerMHz: z.number().positive().describe('Supply current in Run mode, microamperes a MHz'),
  supplyVolts: z.number().positive().describe('The supply voltage to which the current belongs'),
  celsius: z.number().optional().describe('The temperature to which it belongs; absent: not stated'),
  atHz: hertz.optional().describe('The core clock to which it belongs; absent: not stated'),
});

const schema = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  schema: z.literal('m4lab.mcu/1'),
  name: z.string().regex(/^[a-z0-9-]+$/, 'must be lower case letters, digits and hyphens'),
  description: z.string().min(1),
  core,
  memory: z.array(region).min(1),
  vectorTable: hexNumber.describe('Address of the vector table when reset is released'),
  clocks,
  flash: flash.optional().describe('Absent: no flash, or no wait states'),
  peripherals: z.array(peripheral).optional().describe('Devices; what is not here is unmodelled'),
  reserved: z
    .array(range)
    .optional()
    .describe('Holes among the devices; elsewhere there an address is unmodelled'),
  interruptNames: z
    .array(z.string())
    .optional()
    .describe('Name of each interrupt line from IRQ0 upwards; empty for one that is reserved'),
  energy: energy.optional().describe('Absent: no figure with a source'),
  timing,
  sources: z
    .record(z.string(), z.string().min(1))
    .describe('Where each figure comes from; the key is a path ("core.cpuid") or the start of one ("core")'),
});

/** An MCU as parseMcuProfile gives it: numbers for what is hexadecimal text in the file. */
export type McuProfile = z.output<typeof schema>;
export type PeripheralEntry = NonNullable<McuProfile['peripherals']>[number];
/** One block of flash or RAM. */
export type MemoryRegion = McuProfile['memory'][number];
export type MemoryKind = MemoryRegion['kind'];

/**
 * @param json the parsed file
 * @param name the file's name, for messages
 * @throws UserError with the path of the first field that breaks a rule
 */
export function parseMcuProfile(json: unknown, name: string): McuProfile {
  // Read once: a reader compiled for it would cost more than it saves.
  const parsed = schema.safeParse(json, { jitless: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const rule = ruleOf(issue?.message ?? 'must match the schema');
    throw profileError(name, fieldPath(issue?.path ?? []), rule);
  }
  checkMemory(parsed.data, name);
  checkFlash(parsed.data, name);
  checkPeripherals(parsed.data, name);
  return parsed.data;
}

/** JSON Schema (draft 2020-12) of a profile as it is written, for editors. */
export function mcuJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input' });
}

/** One block of addresses that answers: a region at its base, or at one of its aliases. */
export interface MappedRange {
  readonly region: MemoryRegion;
  readonly start: number;
  /** One past the last address. */
  readonly end: number;
}

/** Every range of the memory map, aliases included, in rising order. */
export function mappedRanges(profile: McuProfile): MappedRange[] {
  const ranges = profile.memory.flatMap((entry) =>
    [entry.base, ...entry.aliases].map((start) => ({ region: entry, start, end: start + entry.size })),
  );
  return ranges.sort((a, b) => a.start - b.start);
}

/** The region in which all of [address, address + size) lies, by base or alias; size in bytes, 1 or more. */
export function findRegion(profile: McuProfile, address: number, size = 1): MemoryRegion | undefined {
  const inside = (start: number, end: number) => address >= start && address + size <= end;
  return mappedRanges(profile).find(({ start, end }) => inside(start, end))?.region;
}

/** True when every byte of [address, address + size) answers, be it in several regions that adjoin. */
export function isMapped(profile: McuProfile, address: number, size: number): boolean {
  let next = address;
  for (const { start, end } of mappedRanges(profile)) {
    if (next >= start && next < end) next = end;
  }
  return next >= address + size;
}

function checkMemory(profile: McuProfile, name: string): void {
  const names = new Set<string>();
  profile.memory.forEach((entry, index) => {
    if (entry.size === 0) throw profileError(name, `memory[${index}].size`, 'must be more than 0');
    if (names.has(entry.name))
      throw profileError(name, `memory[${index}].name`, 'must differ from the others');
    names.add(entry.name);
  });
  let previous: MappedRange | undefined;
  for (const range of mappedRanges(profile)) {
    const where = `memory region "${range.region.name}"`;
    if (range.end > MAX_ADDRESS) throw profileError(name, where, 'must end within 32-bit addresses');
    if (previous !== undefined && range.start < previous.end) {
      throw profileError(name, where, `must not overlap "${previous.region.name}" (aliases included)`);
    }
    previous = range;
  }
  if (findRegion(profile, profile.vectorTable, 8) === undefined) {
    throw profileError(name, 'vectorTable', 'must lie in a memory region');
  }
}

function checkFlash(profile: McuProfile, name: string): void {
  const { maxHz, resetHz } = profile.clocks;
  if (resetHz > maxHz) throw profileError(name, 'clocks.resetHz', `must not be above maxHz, ${maxHz}`);
  const table = profile.flash?.waitStates;
  if (table === undefined) return;
  table.forEach((entry, index) => {
    const before = table[index - 1];
    if (before === undefined || before.upToHz < entry.upToHz) return;
    const rule = `must be above the one before it, ${before.upToHz}; list them in rising order`;
    throw profileError(name, `flash.waitStates[${index}].upToHz`, rule);
  });
  const last = table.at(-1)?.upToHz ?? 0;
  if (last < maxHz) {
    throw profileError(name, 'flash.waitStates', `must reach clocks.maxHz, ${maxHz}; it ends at ${last}`);
  }
}

function checkPeripherals(profile: McuProfile, name: string): void {
  const seen: PeripheralEntry[] = [];
  for (const entry of profile.peripherals ?? []) {
    const { base, size, interrupts = [] } = entry;
    const other = seen.find((known) => base < known.base + known.size && known.base < base + size);
    const where = `peripherals.${entry.name}`;
    if (seen.some((known) => known.name === entry.name))
      throw profileError(name, where, 'must be listed once');
    if (other !== undefined) throw profileError(name, where, `must not overlap ${other.name}`);
    if (interrupts.some((line) => line >= profile.core.interruptCount)) {
      throw profileError(name, `${where}.interrupts`, 'must be below core.interruptCount');
    }
    seen.push(entry);
  }
  const names = profile.interruptNames?.length ?? profile.core.interruptCount;
  if (names === profile.core.interruptCount) return;
  throw profileError(name, 'interruptNames', `must have core.interruptCount entries, and has ${names}`);
}

/** zod's own sentence for a value of another kind, as ours. */
function ruleOf(message: string): string {
  return message
    .replace(/^Invalid input: expected /, 'must be ')
    .replace(/, received undefined$/, ', and is missing')
    .replace(/, received /, ', not ');
}

function fieldPath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}

function profileError(name: string, path: string, rule: string): UserError {
  return new UserError({
    code: 'mcu-profile',
    what: `${name}: ${path}`,
    expected: rule.replace(/^./, (first) => first.toLowerCase()),
    fix: 'profiles/mcu/mcu.schema.json describes every field',
  });
}
