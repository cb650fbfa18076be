/**
 * `m4lab info [what]`: an ELF and where it goes on an MCU, one MCU, or the list of them. Nothing is run.
 * One argument for both, since the names of MCUs are few and known: `./name` is a file of such a name.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { UserError } from '../../../emulator/index.js';
import { elfInfo, mcuInfo } from '../../report/info-facts.js';
import { type InfoReport, infoReport } from '../../report/info-report.js';
import { infoText } from '../../report/info-text.js';
import { jsonText } from '../../report/json-text.js';
import { exitCodes } from '../exit-codes.js';
import { integerOption } from '../option-values.js';
import { defaultMcu, knownMcus, readElf, readMcu } from '../read-input.js';
import { requireWritable, STDOUT, writeOutputFile } from '../write-output.js';

interface Options {
  readonly mcu?: string;
  readonly symbols: number;
  readonly json?: string;
}

export function registerInfo(program: Command): void {
  program
    .command('info')
    .description('print what an ELF holds and whether it fits an MCU, or what an MCU is; alone: the MCUs')
    .argument('[what]', "an ELF's path, an MCU's name, or the path of an MCU profile (.json)")
    .option('--mcu <name>', `the MCU for an ELF: a name in profiles/mcu or a .json path (${defaultMcu})`)
    .option(
      '--symbols <n>',
      'largest symbols to list of each kind',
      integerOption('--symbols', { min: 0 }),
      10,
    )
    .option('--json <file|->', 'write the report as JSON; - for stdout, and then nothing else there')
    .action(printInfo);
}

function printInfo(what: string | undefined, options: Options): void {
  if (what === undefined) {
    listMcus(options);
    return;
  }
  const { json } = options;
  if (json !== undefined && json !== STDOUT) requireWritable('--json', json);
  const report = isMcu(what) ? reportOfMcu(what, options) : reportOfElf(what, options);
  if (json === STDOUT) process.stdout.write(jsonText(report));
  else process.stdout.write(`${infoText(report).join('\n')}\n`);
  if (json !== undefined && json !== STDOUT) writeOutputFile('--json', json, jsonText(report));
  if (report.elf !== null && report.elf.problems.length > 0) process.exitCode = exitCodes.checkFailed;
}

const isMcu = (what: string): boolean => what.endsWith('.json') || knownMcus().includes(what);

function listMcus({ mcu, json }: Options): void {
  const fix = mcu === undefined ? 'name an MCU or an ELF' : `\`m4lab info ${mcu}\` prints that MCU`;
  if (mcu !== undefined || json !== undefined) {
    const option = mcu === undefined ? '--json' : '--mcu';
    throw new UserError({
      code: 'info-nothing',
      what: `${option} without an ELF`,
      expected: 'says nothing',
      fix,
    });
  }
  const lines = knownMcus().map((name) => `${name.padEnd(14)} ${readMcu(name).description}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function reportOfMcu(name: string, { mcu }: Options): InfoReport {
  if (mcu !== undefined) {
    const fix = `\`m4lab info ${name}\` prints it`;
    const expected = 'is for an ELF, and this is an MCU';
    throw new UserError({ code: 'info-nothing', what: 'option --mcu', got: mcu, expected, fix });
  }
  return infoReport({ mcu: mcuInfo(readMcu(name)), elf: null });
}

function reportOfElf(path: string, { mcu = defaultMcu, symbols }: Options): InfoReport {
  const profile = readMcu(mcu);
  if (/^[\w-]+$/.test(path) && !existsSync(path)) {
    throw new UserError({
      code: 'info-unknown',
      what: JSON.stringify(path),
      expected: `is neither a file nor an MCU; the MCUs are ${knownMcus().join(', ')}`,
      fix: 'correct it',
    });
  }
  const { elf, bytes } = readElf(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return infoReport({ mcu: mcuInfo(profile), elf: elfInfo({ elf, path, sha256 }, profile, symbols) });
}
