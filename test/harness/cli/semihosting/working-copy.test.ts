/** A program's files under a debugger that goes back: the copy, what is on the host, and gdb itself. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../../../emulator/index.js';
import { lines } from '../../../../harness/cli/semihosting/stdin-source.js';
import { WorkingCopy } from '../../../../harness/cli/semihosting/working-copy.js';
import { buildElf } from '../../../witness/compiler.js';
import { runGdb } from '../../../witness/gdb.js';
import { scratchFolder } from '../../../witness/tool.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const CREATE = { write: true, create: true, truncate: true };

function copyOf(contents: Record<string, string>) {
  const host = new MemoryFiles(Object.fromEntries(Object.entries(contents).map(([k, v]) => [k, bytes(v)])));
  const failed: string[] = [];
  const copy = new WorkingCopy(host, (name) => failed.push(name));
  const onHost = (): Record<string, string> =>
    Object.fromEntries([...host.contents].map(([name, data]) => [name, Buffer.from(data).toString()]));
  const read = (name: string): string => Buffer.from(copy.read(name, 0, 100) ?? bytes('none')).toString();
  return { host, copy, onHost, read, failed };
}

describe('a working copy', () => {
  it('writes through, and takes back what was written since', () => {
    const { copy, onHost, read, failed } = copyOf({ a: 'old', b: 'other' });
    const goBack = copy.captureState();
    copy.write('./a', 0, bytes('new'));
    const goBackToNew = copy.captureState();
    expect(copy.remove('b') ?? copy.open('c', CREATE) ?? copy.rename('a', 'd')).toBeUndefined();
    expect(onHost()).toEqual({ c: '', d: 'new' });
    goBackToNew();
    expect(onHost()).toEqual({ a: 'new', b: 'other' });
    goBack();
    expect([onHost(), read('a'), read('c'), failed]).toEqual([{ a: 'old', b: 'other' }, 'old', 'none', []]);
  });

  it('shows the program what was there first, until the machine starts anew', () => {
    const { host, copy, onHost, read } = copyOf({ a: 'one' });
    expect(read('a')).toBe('one');
    host.contents.set('a', bytes('two'));
    expect(read('a')).toBe('one');
    copy.reset();
    expect(read('a')).toBe('two');
    const goBack = copy.captureState();
    copy.write('a', 0, bytes('x'));
    goBack();
    expect(onHost()).toEqual({ a: 'two' });
  });

  it('names what the host does not take back', () => {
    const { host, copy, failed } = copyOf({ a: 'old' });
    const goBack = copy.captureState();
    copy.write('a', 0, bytes('new'));
    host.open = () => ({ errno: 13 });
    goBack();
    expect(failed).toEqual(['a']);
  });
});

describe('m4lab gdb', () => {
  it('takes a file back with the program', async () => {
    const source = `
#include <stdio.h>
int main(void)
{
  FILE *file = fopen("log.txt", "r+");
  int first = fgetc(file);
  fseek(file, 0, SEEK_SET);
  fputc(first + 1, file);
  fclose(file);
  return first;
}`;
    const mcu = 'mps2-an386';
    const elf = buildElf(source, { language: 'c', mcu, libc: 'rdimon', startup: 'newlib' });
    const place = mkdtempSync(join(scratchFolder(), 'gdb-files-'));
    const log = join(place, 'log.txt');
    writeFileSync(log, 'a');
    const show = `shell cat ${log}; echo`;
    const commands = ['break main', 'continue', 'break fclose', 'continue', 'finish', show];
    const back = ['reverse-continue', 'reverse-continue', show, 'delete', 'continue'];
    const options = ['--semihosting-dir', place];
    const { stdout } = await runGdb(elf, mcu, [...commands, ...back], 'remote', options);
    expect(stdout).toMatch(/\nb\n.*\na\n.*exited with code 0141\]/s);
    expect(readFileSync(log, 'latin1')).toBe('b');
  });
});

describe('lines of an input', () => {
  it('are the same whatever pieces a pipe gives', () => {
    const text = 'one\ntwo two\n\nand the end';
    const read = (size: number): string[] => {
      let rest = text;
      const source = lines((most) => {
        const piece = rest.slice(0, Math.min(size, most));
        rest = rest.slice(piece.length);
        return bytes(piece);
      });
      return Array.from({ length: 6 }, () => Buffer.from(source(8)).toString());
    };
    expect(read(1)).toEqual(['one\n', 'two two\n', '\n', 'and the ', 'end', '']);
    expect([read(3), read(8), read(1000)]).toEqual([read(1), read(1), read(1)]);
  });
});
