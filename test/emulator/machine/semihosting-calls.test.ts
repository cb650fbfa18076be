/** Semihosting calls one by one: bad arguments, time, console input; and a machine that goes back. */
import { describe, expect, it } from 'vitest';
import { Machine, type MachineOptions, MemoryFiles } from '../../../emulator/index.js';
import { guest, profileOf } from './guest-machine.js';

const BLOCK = 0x20002000;
const TEXT = 0x20003000;

/** A machine with the argument block and a text in RAM, and a way to make one call. */
function caller(options: MachineOptions = {}) {
  const { elf } = guest('\nmain:\n  b .\nserve_code:\n  bkpt 0xab\n  bx lr\n');
  let printed = '';
  const machine = new Machine(profileOf('stm32l496zg'), {
    ...options,
    console: (text) => {
      printed += text;
    },
  });
  machine.load(elf);
  machine.core.state.r[13] = 0x20008000;
  const call = (operation: number, ...block: number[]): number => {
    for (const [k, word] of block.entries()) machine.writeWord(BLOCK + 4 * k, word);
    const { state } = machine.core;
    state.r[0] = operation;
    state.r[1] = BLOCK;
    state.r[15] = elf.symbol('serve_code')?.address ?? 0;
    machine.run({ maxInstructions: machine.instructions + 1 });
    return state.r[0] as number;
  };
  const text = (value: string): number => {
    machine.writeBytes(
      TEXT,
      Uint8Array.from(`${value}\0`, (c) => c.charCodeAt(0)),
    );
    return TEXT;
  };
  const open = (name: string, mode: number): number => call(1, text(name), mode, name.length);
  return { machine, call, text, open, printed: () => printed };
}

const EBADF = 9;

describe('a call with arguments that fit nothing', () => {
  it('moves what is memory, and no more', () => {
    const { call, open, printed } = caller();
    const console = open(':tt', 4);
    expect(call(5, console, 0x2004fffc, 0xffffffff) >>> 0).toBe(0xffffffff - 4);
    expect(printed()).toHaveLength(4);
    expect(call(5, console, 0x70000000, 100)).toBe(100);
    expect(call(6, console, 0x70000000, 100)).toBe(100);
  });

  it('fails with EBADF for a handle that is not open', () => {
    const { call } = caller();
    for (const operation of [0x02, 0x06, 0x09, 0x0a, 0x0c]) {
      expect(call(operation, 77, TEXT, 4)).toBe(-1);
      expect(call(0x13)).toBe(EBADF);
    }
    expect(call(5, 77, TEXT, 4)).toBe(4);
  });

  it('fails with EINVAL for a mode of SYS_OPEN that is none, EMFILE for a handle too many', () => {
    const { call, open } = caller();
    expect([open(':tt', 12), call(0x13)]).toEqual([-1, 22]);
    const handles = Array.from({ length: 65 }, () => open(':tt', 0));
    expect(handles).toEqual([...Array.from({ length: 64 }, (_, k) => k + 1), -1]);
    expect(call(0x13)).toBe(24);
    expect([call(2, 5), open(':tt', 0)]).toEqual([0, 5]);
  });

  it('refuses a name longer than any may be', () => {
    const { call } = caller();
    expect([call(1, TEXT, 0, 0xffffffff), call(0x13)]).toEqual([-1, 91]);
    expect([call(0x0e, TEXT, 1025), call(0x13)]).toEqual([-1, 91]);
  });

  it('notes a hundred kinds of trouble, and that there are more', () => {
    const { machine, open } = caller();
    for (let k = 0; k < 300; k++) open(`file${k}`, 0);
    const notices = machine.notices();
    expect(notices).toHaveLength(101);
    expect(notices[100]).toMatchObject({ code: 'more', count: 200 });
  });

  it('does not open the list of features for writing', () => {
    const { call, open } = caller();
    expect(open(':semihosting-features', 0)).toBe(1);
    expect([open(':semihosting-features', 4), call(0x13)]).toEqual([-1, 13]);
  });

  it('does not write to flash', () => {
    const { machine, call, open } = caller({ input: () => Uint8Array.of(1, 2, 3, 4) });
    const before = machine.readWord(0x08000100);
    expect(call(6, open(':tt', 0), 0x08000100, 4)).toBe(4);
    expect(machine.readWord(0x08000100)).toBe(before);
  });
});

describe('other operations', () => {
  it('SYS_TMPNAM gives a name by the number', () => {
    const { machine, call } = caller();
    expect(call(0x0d, TEXT, 7, 32)).toBe(0);
    expect(new TextDecoder().decode(machine.readBytes(TEXT, 12))).toBe('m4lab007.tmp');
    expect(call(0x0d, TEXT, 7, 8)).toBe(-1);
  });

  it('SYS_ELAPSED counts the ticks of SYS_TICKFREQ', () => {
    const { machine, call } = caller();
    expect(call(0x31)).toBe(1_000_000_000);
    expect(call(0x30)).toBe(0);
    const ticks = machine.readWord(BLOCK) + machine.readWord(BLOCK + 4) * 2 ** 32;
    expect(ticks / 1e9).toBeCloseTo(machine.seconds, 5);
    expect(machine.seconds).toBeGreaterThan(0);
  });

  it('SYS_GET_CMDLINE needs room for the line and its end', () => {
    const { machine, call } = caller({ commandLine: 'a.elf x' });
    expect(call(0x15, TEXT, 7)).toBe(-1);
    expect(call(0x15, TEXT, 8)).toBe(0);
    expect(machine.readWord(BLOCK + 4)).toBe(7);
    expect(new TextDecoder().decode(machine.readBytes(TEXT, 8))).toBe('a.elf x\0');
  });

  it('SYS_SYSTEM is refused, by name', () => {
    const { machine, call, text } = caller();
    expect(call(0x12, text('rm x'), 4)).toBe(-1);
    expect(machine.notices()).toEqual([
      { code: 'semihosting-refused', count: 1, text: expect.stringContaining('"rm x"') },
    ]);
  });

  it('SYS_ISERROR tells negative answers', () => {
    const { call } = caller();
    expect([call(8, -1), call(8, 0), call(8, 5)]).toEqual([1, 0, 0]);
  });
});

describe('console input', () => {
  it('is asked for when the program reads, and ends with nothing', () => {
    const asked: number[] = [];
    const pieces = [Uint8Array.of(65, 66), Uint8Array.of(67)];
    const { machine, call, open } = caller({
      input: (most) => {
        asked.push(most);
        return pieces.shift() ?? new Uint8Array(0);
      },
    });
    const console = open(':tt', 0);
    expect(asked).toEqual([]);
    expect(call(6, console, TEXT, 10)).toBe(8);
    expect(machine.readBytes(TEXT, 2)).toEqual(Uint8Array.of(65, 66));
    expect([call(7), call(7), call(6, console, TEXT, 3)]).toEqual([67, -1, 3]);
  });

  it('is read again by a machine that went back', () => {
    const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)];
    const { machine, call } = caller({ input: () => pieces.shift() ?? new Uint8Array(0) });
    call(7);
    const snapshot = machine.snapshot();
    const read = (): number[] => [call(7), call(7), call(7), call(7)];
    expect(read()).toEqual([2, 3, 4, -1]);
    machine.restore(snapshot);
    expect(read()).toEqual([2, 3, 4, -1]);
  });
});

describe('files in memory', () => {
  const files = (): MemoryFiles => new MemoryFiles({ 'a.txt': Uint8Array.of(1, 2, 3) });

  it('are opened, read, written beyond their end, and renamed', () => {
    const memory = files();
    const { machine, call, open, text } = caller({ files: memory });
    const handle = open('a.txt', 3);
    expect(call(0x0c, handle)).toBe(3);
    expect([call(6, handle, TEXT, 8), ...machine.readBytes(TEXT, 3)]).toEqual([5, 1, 2, 3]);
    expect([call(0x0a, handle, 5), call(5, handle, TEXT, 1)]).toEqual([0, 0]);
    expect(memory.contents.get('a.txt')).toEqual(Uint8Array.of(1, 2, 3, 0, 0, 1));
    const place = text('a.txt\0b.txt');
    expect(call(0x0f, place, 5, place + 6, 5)).toBe(0);
    expect([...memory.contents.keys()]).toEqual(['b.txt']);
    expect([call(0x0f, place, 5, place + 6, 5), call(0x13)]).toEqual([-1, 2]);
    expect([open('a.txt', 0), call(0x13)]).toEqual([-1, 2]);
  });

  it('are not read through a handle for writing, nor written through one for reading', () => {
    const { call, open } = caller({ files: files() });
    expect([call(6, open('a.txt', 8), TEXT, 1), call(0x13)]).toEqual([-1, 9]);
    expect(call(5, open('a.txt', 0), TEXT, 1)).toBe(1);
  });

  it('go back with the machine, and so do the places in them', () => {
    const memory = files();
    const { machine, call, open } = caller({ files: memory });
    const handle = open('a.txt', 3);
    call(6, handle, TEXT, 1);
    const snapshot = machine.snapshot();
    call(5, handle, TEXT, 2);
    call(2, handle);
    machine.restore(snapshot);
    expect(memory.contents.get('a.txt')).toEqual(Uint8Array.of(1, 2, 3));
    expect([call(6, handle, TEXT, 1), ...machine.readBytes(TEXT, 1)]).toEqual([0, 2]);
  });
});
