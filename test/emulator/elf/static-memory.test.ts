import { describe, expect, it } from 'vitest';
import { loadElf } from '../../../emulator/elf/load-elf.js';
import { staticMemory } from '../../../emulator/elf/static-memory.js';
import { elfFile, plainSegment, shf, sht } from './elf-file.js';

const data = shf.alloc | shf.write;
const image = loadElf(
  elfFile({
    segments: [
      plainSegment,
      { physical: 0x08000100, virtual: 0x20000000, bytes: new Uint8Array(24), flags: 6 },
    ],
    sections: [
      { name: '.text', type: sht.progbits, flags: shf.alloc | shf.execute, address: 0x08000000, size: 12 },
      { name: '.init_array', type: sht.initArray, flags: data, address: 0x0800000c, size: 4 },
      { name: '.data', type: sht.progbits, flags: data, address: 0x20000000, size: 16 },
      { name: '.ramfunc', type: sht.progbits, flags: shf.alloc | shf.execute, address: 0x20000010, size: 4 },
      { name: '.fini_array', type: sht.initArray, flags: data, address: 0x20000014, size: 4 },
      { name: '.bss', type: sht.nobits, flags: data, address: 0x20000018, size: 300 },
      { name: '.noinit', type: sht.nobits, flags: data, address: 0x20000140, size: 8 },
      { name: '._user_heap_stack', type: sht.nobits, flags: data, address: 0x20000148, size: 1536 },
      { name: '.stack', type: sht.nobits, flags: data, address: 0x20000748, size: 1024 },
      { name: '.comment', type: sht.progbits, flags: 0, address: 0, size: 77 },
    ],
  }),
  'fw.elf',
);

describe('staticMemory', () => {
  it('counts what is programmed; in RAM variables and what is copied there, reserved room apart', () => {
    expect(staticMemory(image)).toEqual({
      flashBytes: 36,
      dataBytes: 24,
      bssBytes: 308,
      staticBytes: 332,
      reservedBytes: 2560,
    });
  });
});
