import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ElfSpec, elfFile, plainSegment, shf, sht, stInfo } from '../../emulator/elf/elf-file.js';
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
