/** A program's files, arguments and console input by semihosting, beside QEMU; and what it may not reach. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildElf } from '../../../witness/compiler.js';
import { runQemu } from '../../../witness/qemu.js';
import { scratchFolder } from '../../../witness/tool.js';
import { mistakeOf, runM4lab } from '../run-m4lab.js';

const PREAMBLE = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
/* newlib's rename wants link(), which semihosting has not. */
static int semihosting_rename(const char *from, const char *to)
{
    const void *block[4] = {from, (void *)strlen(from), to, (void *)strlen(to)};
    register int r0 __asm("r0") = 0x0f;
    register const void *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
`;

/** newlib with its own start-up code, which takes the command line apart. */
const program = (main: string): string =>
  buildElf(PREAMBLE + main, { language: 'c', mcu: 'mps2-an386', libc: 'rdimon', startup: 'newlib' });

const folder = (): string => mkdtempSync(join(scratchFolder(), 'files-'));

const contents = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, readFileSync(join(path, name), 'latin1')]),
  );

const run = (elf: string, ...args: string[]) =>
  runM4lab(['run', elf, '--mcu', 'mps2-an386', '--quiet', ...args]);

const FILES = program(`
int main(void)
{
    char text[64];
    FILE *file = fopen("new.txt", "w");
    if (file == NULL) return 1;
    for (int k = 0; k < 1000; k++) fprintf(file, "line %d\\n", k);
    fclose(file);
    file = fopen("new.txt", "r+b");
    fseek(file, 5, SEEK_SET);
    fputs("ZERO", file);
    fseek(file, -9, SEEK_END);
    printf("%s", fgets(text, sizeof text, file));
    printf("%ld\\n", ftell(file));
    fclose(file);
    file = fopen("log.txt", "a");
    fputs("appended\\n", file);
    fclose(file);
    file = fopen("log.txt", "r");
    while (fgets(text, sizeof text, file) != NULL) printf("> %s", text);
    printf("eof %d\\n", feof(file) != 0);
    fclose(file);
    printf("remove %d\\n", remove("old.txt"));
    printf("rename %d\\n", semihosting_rename("a.txt", "b.txt"));
    printf("absent %d\\n", fopen("absent.txt", "r") == NULL);
    printf("errno %d\\n", errno);
    return 0;
}`);

describe('files of a folder', () => {
  it('are written, read, appended to, removed and renamed as on QEMU', () => {
    const [ours, theirs] = [folder(), folder()];
    for (const path of [ours, theirs]) {
      writeFileSync(join(path, 'log.txt'), 'before\n');
      writeFileSync(join(path, 'old.txt'), 'old');
      writeFileSync(join(path, 'a.txt'), 'a');
    }
    const m4lab = run(FILES, '--semihosting-dir', ours);
    const qemu = runQemu(FILES, { cwd: theirs });
    expect(m4lab.stdout).toMatch(/^line 999\n/);
    expect(m4lab).toEqual({ status: qemu.exitCode, stdout: qemu.stdout, stderr: '' });
    expect(contents(ours)).toEqual(contents(theirs));
    expect(Object.keys(contents(ours))).toEqual(['b.txt', 'log.txt', 'new.txt']);
  });

  const PROBE = program(`
int main(int argc, char **argv)
{
    for (int k = 1; k < argc; k++) {
        FILE *file = fopen(argv[k], "r");
        printf("%s %d\\n", argv[k], file == NULL ? errno : 0);
    }
    return 0;
}`);

  it('end where the folder ends, and the report says so', () => {
    const outside = folder();
    const inside = join(outside, 'inside');
    mkdirSync(join(inside, 'sub'), { recursive: true });
    writeFileSync(join(outside, 'secret'), 'secret');
    writeFileSync(join(inside, 'sub', 'open'), 'open');
    symlinkSync(join(outside, 'secret'), join(inside, 'link'));
    symlinkSync(outside, join(inside, 'away'));
    writeFileSync(join(inside, 'ü'), 'umlaut');
    const paths = [
      '../secret',
      join(outside, 'secret'),
      'link',
      'away/secret',
      'sub/../../secret',
      'away/',
      'sub/open',
      'ü',
    ];
    const allowed = ['sub/open', 'ü'];
    const { stdout, stderr } = runM4lab([
      ...['run', PROBE, '--mcu', 'mps2-an386', '--semihosting-dir', inside, '--', ...paths],
    ]);
    expect(stdout.trim().split('\n')).toEqual(
      paths.map((path) => `${path} ${allowed.includes(path) ? 0 : 13}`),
    );
    for (const path of paths.slice(0, 5)) expect(stderr).toContain(`SYS_OPEN ${JSON.stringify(path)}: `);
    expect(stderr).toContain('a symbolic link leads out of the folder');
  });

  it('are none without a folder, and the report names what was asked for', () => {
    const { stdout, stderr } = runM4lab(['run', PROBE, '--mcu', 'mps2-an386', '--', 'some.txt']);
    expect(stdout).toBe('some.txt 13\n');
    expect(stderr).toContain('SYS_OPEN "some.txt": no folder was given for semihosting');
  });

  it('need a folder that exists', () => {
    const message = mistakeOf(['run', PROBE, '--semihosting-dir', join(folder(), 'nowhere')]);
    expect(message).toMatch(/option --semihosting-dir: ".*nowhere" must be a folder that exists/);
    expect(mistakeOf(['run', PROBE, '--semihosting-dir', '/dev/null/x'])).toMatch(/must be a folder/);
  });
});

describe('arguments', () => {
  const ECHO = program(`
int main(int argc, char **argv)
{
    for (int k = 1; k < argc; k++) printf("[%s]", argv[k]);
    return argc;
}`);

  it('reach main as they were given', () => {
    const words = ['one', 'two words', "it's", '--json', ''];
    expect(run(ECHO, '--', ...words).stdout).toBe(words.map((word) => `[${word}]`).join(''));
    const plain = ['one', '2', '--three'];
    const qemu = runQemu(ECHO, { commandLine: ['program', ...plain] });
    expect(run(ECHO, '--', ...plain)).toEqual({ status: qemu.exitCode, stdout: qemu.stdout, stderr: '' });
  });

  it('cannot have both kinds of quotes, and options are none of them', () => {
    expect(mistakeOf(['run', ECHO, '--', `"'`])).toMatch(/must not have both kinds of quotes/);
    expect(mistakeOf(['run', ECHO, '--jsn', '-'])).toMatch(/--jsn.*--json/);
  });
});

describe('console input', () => {
  const ADD = program(`
int main(void)
{
    int sum = 0, value;
    char name[20];
    printf("name? ");
    fflush(stdout);
    if (scanf("%19s", name) != 1) { puts("none"); return 1; }
    while (scanf("%d", &value) == 1) sum += value;
    printf("%s %d\\n", name, sum);
    return 0;
}`);

  it('comes from a file, and is at its end without one', () => {
    const input = join(folder(), 'input.txt');
    writeFileSync(input, `ada ${Array.from({ length: 2000 }, (_, k) => k).join(' ')}\n`);
    expect(run(ADD, '--stdin', input)).toMatchObject({ status: 0, stdout: 'name? ada 1999000\n' });
    expect(run(ADD)).toMatchObject({ status: 1, stdout: 'name? none\n' });
  });

  it('comes from the command’s own standard input', () => {
    const { stdout } = runM4lab(['run', ADD, '--mcu', 'mps2-an386', '--quiet', '--stdin', '-'], {
      input: 'bob 40 2\n',
    });
    expect(stdout).toBe('name? bob 42\n');
  });
});
