/** `m4lab gdb` as its users meet it: with gdb itself on the other side. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildElf } from '../../witness/compiler.js';
import { announcedPlace, GDB, runGdb } from '../../witness/gdb.js';
import { runTool } from '../../witness/tool.js';
import { mistakeOf } from './run-m4lab.js';

const mcu = 'stm32l496zg';
const main = join(import.meta.dirname, '..', '..', '..', 'dist', 'harness', 'cli', 'main.js');

const PROGRAM = `
#include <stdint.h>
volatile uint32_t total;
volatile float average;
static void put(const char *text)
{
  register uint32_t r0 __asm__("r0") = 4;
  register const char *r1 __asm__("r1") = text;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}
__attribute__((noinline)) uint32_t square(uint32_t n) { return n * n; }
__attribute__((noinline)) uint32_t sum_of_squares(uint32_t count)
{
  uint32_t sum = 0;
  for (uint32_t k = 1; k <= count; k++) {
    sum += square(k);
    total = sum;
  }
  average = (float)sum / (float)count;
  return sum;
}
int main(void)
{
  put("begin\\n");
  uint32_t sum = sum_of_squares(10);
  put("end\\n");
  return sum == 385 ? 7 : 1;
}
`;

const program = () => buildElf(PROGRAM, { language: 'c', mcu, flags: ['-O1'] });

/** What gdb printed between two marks. */
function between(text: string, mark: string): string {
  return text.split(`${mark}\n`)[1] ?? '';
}

const marked = (name: string, commands: readonly string[]): string[] => [
  `echo <${name}>\\n`,
  ...commands,
  `echo <${name}>\\n`,
];

describe('m4lab gdb, with gdb', () => {
  it('breaks, reads, watches, steps, finishes and walks back', async () => {
    const registers = 'printf "%x %x %x %x %x\\n", $pc, $sp, $r0, $r3, $xpsr';
    const { stdout, stderr, serverStatus } = await runGdb(program(), mcu, [
      'break square if n == 3',
      ...marked('break', ['continue', 'bt']),
      ...marked('variable', ['print n', 'print $sp == $msp']),
      ...marked('finish', ['finish']),
      'watch total',
      ...marked('watch', ['continue']),
      ...marked('before', [registers]),
      'stepi 5',
      ...marked('between', [registers]),
      'reverse-stepi 5',
      ...marked('after', [registers]),
      ...marked('back', ['reverse-continue', 'print total']),
      'delete',
      ...marked('start', ['reverse-continue', 'print $pc == (long)Reset_Handler']),
      'tbreak sum_of_squares',
      'continue',
      ...marked('next', ['next', 'next', 'frame']),
      'monitor cycles',
      ...marked('exit', ['continue']),
    ]);
    const part = (name: string): string => between(stdout, `<${name}>`);
    expect(part('break')).toMatch(
      /#0 +square \(n=.*3\).*\n#1 .* sum_of_squares \(count=.*10\).*\n#2 .* main \(\)/,
    );
    expect(part('variable')).toMatch(/= 3\n.* = 1\n/);
    expect(part('finish')).toMatch(/sum_of_squares[\s\S]*Value returned is \$\d+ = 9\n/);
    expect(part('watch')).toMatch(/Hardware watchpoint 2: total\n\nOld value = 5\nNew value = 14\n/);
    expect(part('before')).toMatch(/^[0-9a-f]+( [0-9a-f]+){4}\n$/);
    expect(part('between')).not.toBe(part('before'));
    expect(part('after')).toBe(part('before'));
    expect(part('back')).toMatch(/Old value = 14\nNew value = 5\n[\s\S]*= 5\n$/);
    expect(part('start')).toMatch(/No more reverse-execution history[\s\S]*= 1\n$/);
    expect(part('next')).toMatch(/#0 +sum_of_squares /);
    expect(part('exit')).toMatch(/exited with code 07\]\n$/);
    // The program's console; what ran twice was printed once.
    expect(stderr).toMatch(/^begin\n[\d,]+ cycles \(trm\/1\), [\d,]+ instructions\nend\n$/);
    expect(serverStatus).toBe(0);
  });

  it('shows a fault as a signal, with its words, and the frame that it came from', async () => {
    const source = `
int main(void) { *(volatile int *)0xc0000000 = 1; return 0; }
`;
    const elf = buildElf(source, { language: 'c', mcu, flags: ['-O1'] });
    const { stdout, stderr } = await runGdb(elf, mcu, [
      ...marked('fault', ['continue', 'bt']),
      ...marked('again', [
        'monitor reset halt',
        'maintenance flush register-cache',
        'print $pc == (long)Reset_Handler',
      ]),
    ]);
    expect(stderr).toMatch(/^m4lab: BusFault: write of 4 bytes at 0xc0000000, by 0x[0-9a-f]{8}, noticed/);
    expect(between(stdout, '<fault>')).toMatch(/received signal SIGSEGV/);
    expect(between(stdout, '<fault>')).toMatch(/<signal handler called>\n#2 .*main \(\)/);
    expect(between(stdout, '<again>')).toMatch(/= 1\n$/);
  });
});

describe('m4lab gdb, as an IDE uses it', () => {
  it('loads what was built anew, starts it again and again, and stays when it has ended', async () => {
    const source = PROGRAM.replace('? 7 : 1', '? 6 : 1');
    const rebuilt = buildElf(source, { language: 'c', mcu, flags: ['-O1'] });
    const commands = [
      `file ${rebuilt}`,
      'load',
      'monitor reset halt',
      'thbreak main',
      ...marked('main', ['continue']),
      ...marked('end', ['continue', 'continue', 'stepi']),
      ...marked('run', ['run']),
      ...marked('detach', ['detach']),
    ];
    const { stdout, stderr, serverStatus } = await runGdb(program(), mcu, commands, 'extended-remote');
    expect(between(stdout, '<main>')).toMatch(/Temporary breakpoint 1, main \(\)/);
    expect(between(stdout, '<end>').match(/exited with code 06\]/g)).toHaveLength(3);
    expect(between(stdout, '<run>')).toMatch(/exited with code 06\]/);
    expect(between(stdout, '<detach>')).toMatch(/detached\]/);
    expect(stderr).toMatch(/^m4lab: reset; .*\nbegin\nend\nbegin\nend\n$/);
    expect(serverStatus).toBe(0);
  });

  it('takes a debugger that connects anew while its old connection closes', async () => {
    const server = spawn(process.execPath, [main, 'gdb', program(), '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const place = await announcedPlace(server.stdout);
      const again = [`target extended-remote ${place}`, 'stepi', 'kill'];
      const commands = ['set confirm off', ...again, ...again, ...again];
      const args = commands.flatMap((command) => ['-ex', command]);
      const { stdout } = runTool(GDB, ['-nx', '-batch', ...args, program()], 30_000);
      expect(stdout.match(/\(Remote target\) killed\]/g)).toHaveLength(3);
    } finally {
      server.kill();
    }
  });

  it('turns a second debugger away, and says so', async () => {
    const args = [main, 'gdb', program(), '--port', '0', '--once'];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const port = Number((await announcedPlace(server.stdout)).split(':')[1]);
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const second = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(second, 'close');
    const [text] = (await once(server.stderr, 'data')) as [Buffer];
    expect(String(text)).toBe('m4lab: a second debugger was turned away; detach the first one\n');
    first.end();
    expect(await once(server, 'exit')).toEqual([0, null]);
  });
});

describe('m4lab gdb refuses in one sentence', () => {
  it('a port that is no port', () => {
    expect(mistakeOf(['gdb', program(), '--port', '65536'])).toBe(
      'm4lab: option --port is 65536, but must be an integer from 0 to 65535; give for example --port 0',
    );
  });

  it('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    try {
      expect(mistakeOf(['gdb', program(), '--port', port])).toBe(
        `m4lab: option --port is ${port}, but must be a free port, and another program listens there; ` +
          'give another one, or --port 0 for any that is free',
      );
    } finally {
      server.close();
    }
  });

  it('an ELF that is not there, before it opens a port', () => {
    expect(mistakeOf(['gdb', 'gone.elf'])).toMatch(/the ELF "gone.elf" cannot be read: it does not exist/);
  });
});
