import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { infoSchema } from '../../../harness/report/info-report.js';
import { type ElfSpec, elfFile, plainSegment, shf, sht, stInfo } from '../../emulator/elf/elf-file.js';
import { buildElf } from '../../witness/compiler.js';
import { mistakeOf, runM4lab } from './run-m4lab.js';

const folder = mkdtempSync(join(tmpdir(), 'm4lab-info-'));
afterAll(() => rmSync(folder, { recursive: true }));

const variables = { type: sht.nobits, flags: shf.alloc | shf.write };
const text = {
  name: '.text',
  type: sht.progbits,
  flags: shf.alloc | shf.execute,
  address: 0x08000000,
  size: 12,
};
const bss = { ...variables, name: '.bss', address: 0x20000000, size: 320 * 1024 };
const start = { name: 'start', value: 0x08000009, size: 4, info: stInfo.globalFunction, section: 1 };

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function infoOf(spec: ElfSpec, ...args: string[]) {
  return runM4lab(['info', write('fw.elf', elfFile(spec)), ...args]);
}

describe('m4lab info', () => {
  it('prints entry, sizes, sections and the room taken, over both SRAMs', () => {
    const { status, stdout, stderr } = infoOf({ sections: [text, bss], symbols: [start] });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/entry +0x08000008 start\n/);
    expect(stdout).toMatch(/flash +12 bytes\n/);
    expect(stdout).toMatch(/static +327680 bytes \(data 0, bss 327680\)\n/);
    expect(stdout).toMatch(/0x20000000 +327680 {2}\.bss \(nobits\)\n/);
    expect(stdout).toMatch(/sram1: 262144 bytes used, 100\.0 %\n/);
    expect(stdout).toMatch(/sram2: 65536 bytes used, 100\.0 %\n/);
    expect(stdout).toMatch(/\n {2}fits\n$/);
  });

  it('exits 1 when a byte lies outside the memory, or variables lie in flash', () => {
    const large = infoOf({ sections: [{ ...bss, size: bss.size + 1 }] });
    expect(large.status).toBe(1);
    expect(large.stdout).toMatch(/does not fit: 327681 bytes at 0x20000000 lie outside its memory\n$/);
    const inFlash = infoOf({ sections: [{ ...bss, address: 0x08000100, size: 8 }] });
    expect(inFlash.status).toBe(1);
    expect(inFlash.stdout).toMatch(
      /does not fit: \.bss at 0x08000100 holds variables, but a store to flash faults/,
    );
  });

  it('goes by the MCU that is asked for', () => {
    const large = {
      sections: [{ ...bss, size: bss.size + 1 }],
      segments: [{ ...plainSegment, physical: 0 }],
    };
    expect(infoOf(large, '--mcu', 'mps2-an386')).toMatchObject({ status: 0 });
    expect(infoOf(large, '--mcu', 'profiles/mcu/mps2-an386.json').stdout).toMatch(/ssram1: 12 bytes used/);
  });

  it('answers a truncated ELF in one sentence', () => {
    const whole = elfFile({ sections: [text, bss], symbols: [start] });
    const path = write('truncated.elf', whole.slice(0, whole.length - 1));
    expect(mistakeOf(['info', path])).toMatch(
      /truncated\.elf: the section header table is bytes \d+ to \d+ of the/,
    );
  });
});

describe('m4lab info of an MCU', () => {
  it('alone lists the MCUs', () => {
    const { status, stdout, stderr } = runM4lab(['info']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names).toEqual(['mps2-an386', 'stm32f407vg', 'stm32l496zg', 'stm32l4r5zi']);
  });

  it('prints memory with aliases, clocks, wait states, peripherals and interrupts', () => {
    const { status, stdout } = runM4lab(['info', 'stm32l496zg']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}0x10000000 +65536 {2}sram2 \(ram\), also at 0x20040000$/m);
    expect(stdout).toMatch(/^ {2}clock +4 MHz at reset, 80 MHz at most$/m);
    expect(stdout).toMatch(/wait states 0 to 16 MHz, .*4 to 80 MHz/);
    expect(stdout).toMatch(/^ {2}0x40008000 {2}LPUART1 +stm32-usart +70 LPUART1$/m);
    expect(stdout).toMatch(/^ +70 {2}LPUART1$/m);
    expect(stdout).toMatch(/91 uA\/MHz at 3\.3 V\n +datasheet figure, unverified: ST DS11585/);
  });

  it('takes a profile of your own, and gives JSON', () => {
    const { stdout } = runM4lab(['info', 'profiles/mcu/mps2-an386.json', '--json', '-']);
    const report = infoSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({
      schema: 'm4lab.info/1',
      elf: null,
      mcu: { name: 'mps2-an386', flashWaitStates: null, energy: null },
    });
  });

  it.each([
    [['stm32f4'], /"stm32f4" is neither a file nor an MCU; the MCUs are mps2-an386, /],
    [['--mcu', 'stm32f407vg'], /`m4lab info stm32f407vg` prints that MCU/],
    [['stm32f407vg', '--mcu', 'stm32l496zg'], /option --mcu .*is for an ELF/],
    [['--json', '-'], /--json without an ELF says nothing/],
    [['stm32f407vg', '--json', '/nowhere/x'], /"\/nowhere\/x" cannot be written/],
    [['stm32f407vg', '--symbols', 'x'], /--symbols/],
  ])('refuses %j in one sentence', (args, message) => {
    expect(mistakeOf(['info', ...args])).toMatch(message);
  });
});

describe('m4lab info of a built ELF', () => {
  const flags = ['-mcpu=cortex-m7', '-mfpu=fpv5-d16'];
  const source = `
const int table[100] = { 1 };
static volatile char room[300];
volatile int start = 5;
int main(void) { room[start] = 1; return table[start + room[2]]; }`;
  const good = buildElf(source, { language: 'c', mcu: 'stm32l496zg' });
  const wrong = buildElf(source, { language: 'c', mcu: 'stm32l496zg', flags });

  it('lists the largest symbols of each kind, as nm does', () => {
    const report = infoSchema.parse(JSON.parse(runM4lab(['info', good, '--json', '-']).stdout));
    const lines = execFileSync('arm-none-eabi-nm', ['-S', '--size-sort', '-r', good], { encoding: 'utf8' });
    const listed = (letters: string) =>
      Array.from(lines.matchAll(/^(\w+) (\w+) (\w) (\S+)$/gm))
        .filter(([, , , letter = '']) => letters.includes(letter))
        .map(
          ([, address = '', size = '', , name]) => `${name} ${parseInt(address, 16)} ${parseInt(size, 16)}`,
        );
    const { largest } = report.elf ?? {};
    const ours = (kind: '.text' | '.rodata' | '.data' | '.bss') =>
      (largest?.[kind] ?? []).map(({ name, address, size }) => `${name} ${address} ${size}`);
    expect(ours('.data')).toEqual(listed('dD'));
    expect(ours('.bss')).toEqual(listed('bB'));
    expect([...ours('.text'), ...ours('.rodata')].sort()).toEqual(listed('tTrR').sort());
    expect(ours('.rodata')).toEqual([expect.stringMatching(/^table \d+ 400$/)]);
    expect(report.elf?.largest['.bss'][0]).toMatchObject({ name: 'room', size: 300, region: 'sram1' });
    expect(runM4lab(['info', good, '--symbols', '0']).stdout).not.toContain('Largest');
  });

  it('names what it is built for', () => {
    expect(runM4lab(['info', good]).stdout).toMatch(
      /built for Arm v7E-M \(Microcontroller\), FPU VFPv4-D16, single precision, FP arguments in FP reg/,
    );
    const { status, stdout } = runM4lab(['info', wrong]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/does not fit: the program is built for FPv5\/FP-D16 for ARMv8; a Cortex-M4F has/);
    expect(stdout).toMatch(/does not fit: the program is built for double precision in hardware/);
  });

  it('and `run` refuses to run it', () => {
    expect(mistakeOf(['run', wrong])).toMatch(/by its \.ARM\.attributes, is built for FPv5/);
  });
});
