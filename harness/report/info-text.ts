/** The report of `m4lab info` for people. */
import { caveatText, figureText } from './energy.js';
import { hex } from './hex.js';
import type { ElfInfo, InfoReport, McuInfo } from './info-report.js';

/** The lines, without line ends. */
export function infoText({ mcu, elf }: InfoReport): string[] {
  return elf === null ? mcuText(mcu) : elfText(elf, mcu);
}

function mcuText(mcu: McuInfo): string[] {
  const { core, clocks, energy, interrupts, peripherals, timing } = mcu;
  const parameters = Object.entries(timing.parameters).map(([name, value]) => `, ${name} ${value}`);
  return [
    `${mcu.name}: ${mcu.description}`,
    `  core      Cortex-M4${core.fpu ? 'F' : ''}, CPUID ${hex(core.cpuid)}, MPU regions ${core.mpuRegions}`,
    `  clock     ${megahertz(clocks.resetHz)} at reset, ${megahertz(clocks.maxHz)} at most`,
    ...(mcu.flashWaitStates === null ? [] : [`  flash     ${waitStates(mcu.flashWaitStates)}`]),
    ...(energy === null
      ? ['  energy    no figure with a source']
      : [`  energy    ${figureText(energy)}`, `            ${caveatText(energy)}`]),
    `  timing    ${timing.model}${parameters.join('')}, unverified on silicon`,
    ...(timing.source === null ? [] : [`            ${timing.source}`]),
    '',
    'Memory',
    ...mcu.memory.map(({ name, kind, base, size, aliases }) => {
      const also = aliases.length === 0 ? '' : `, also at ${aliases.map(hex).join(', ')}`;
      return `  ${hex(base)}  ${column(size)}  ${name} (${kind})${also}`;
    }),
    '',
    'Peripherals, and their interrupts',
    ...peripherals.map(({ name, type, base, interrupts: lines }) => {
      const at = `  ${hex(base)}  ${name.padEnd(10)} ${type.padEnd(18)}`;
      return `${at} ${lines.map((line) => nameOf(mcu, line)).join(', ')}`.trimEnd();
    }),
    '',
    `Interrupts: ${core.interruptCount}, ${2 ** core.priorityBits} priorities (${core.priorityBits} bits)`,
    ...interrupts.map(({ number, name }) => `  ${String(number).padStart(4)}  ${name}`),
  ];
}

const nameOf = ({ interrupts }: McuInfo, line: number): string => {
  const name = interrupts.find(({ number }) => number === line)?.name;
  return name === undefined ? String(line) : `${line} ${name}`;
};

function waitStates(table: NonNullable<McuInfo['flashWaitStates']>): string {
  const steps = table.map(({ upToHz, waitStates: states }) => `${states} to ${megahertz(upToHz)}`);
  return `wait states ${steps.join(', ')}; trm does not count them`;
}

function elfText(elf: ElfInfo, mcu: McuInfo): string[] {
  const { memory, entrySymbol, problems } = elf;
  return [
    elf.path,
    `  entry     ${hex(elf.entry)}${entrySymbol === null ? '' : ` ${entrySymbol}`}`,
    `  built for ${architectureText(elf.architecture)}`,
    `  symbols   ${elf.symbolCount}, ${elf.functionCount} of them functions`,
    `  flash     ${memory.flashBytes} bytes`,
    `  static    ${memory.staticBytes} bytes (data ${memory.dataBytes}, bss ${memory.bssBytes})`,
    `  reserved  ${memory.reservedBytes} bytes (sections for stack and heap)`,
    '',
    'Segments',
    ...elf.segments.map(({ physicalAddress, virtualAddress, fileBytes, memoryBytes, access }) => {
      const moved = virtualAddress === physicalAddress ? '' : `, runs at ${hex(virtualAddress)}`;
      return `  ${hex(physicalAddress)}  ${column(fileBytes)}  ${access}  in memory ${memoryBytes}${moved}`;
    }),
    '',
    'Sections in memory',
    ...elf.sections.map(
      ({ name, type, address, size }) => `  ${hex(address)}  ${column(size)}  ${name} (${type})`,
    ),
    ...Object.entries(elf.largest).flatMap(([kind, symbols]) => symbolLines(kind, symbols)),
    '',
    `On ${mcu.name} (${mcu.description})`,
    ...elf.regions.map(({ name, base, size, used }) => {
      const share = ((100 * used) / size).toFixed(1);
      return `  ${hex(base)}  ${column(size)}  ${name}: ${used} bytes used, ${share} %`;
    }),
    ...(problems.length === 0 ? ['  fits'] : problems.map((problem) => `  does not fit: ${problem}`)),
  ];
}

function architectureText(architecture: ElfInfo['architecture']): string {
  if (architecture === null) return 'unknown: it has no build attributes';
  const { cpu, profile, float, floatPrecision, floatArguments } = architecture;
  const unit = float === 'none' ? 'no FPU' : `FPU ${float}, ${floatPrecision} precision`;
  return `Arm ${cpu} (${profile}), ${unit}, FP arguments in ${floatArguments}`;
}

function symbolLines(kind: string, symbols: ElfInfo['largest']['.text']): string[] {
  if (symbols.length === 0) return [];
  const lines = symbols.map(({ name, address, size, region }) => {
    return `  ${hex(address)}  ${column(size)}  ${name}${region === null ? '' : ` (${region})`}`;
  });
  return ['', `Largest in ${kind}`, ...lines];
}

const column = (bytes: number): string => String(bytes).padStart(8);
const megahertz = (hertz: number): string => `${hertz / 1e6} MHz`;
