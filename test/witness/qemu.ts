/**
 * QEMU's mps2-an386 board (a Cortex-M4F) as the witness of whole programs: what they print and how they exit.
 * It does not count cycles, and checks alignment and bus errors less strictly than silicon.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, scratchFolder, type Tool } from './tool.js';

const QEMU: Tool = { program: 'qemu-system-arm', debianPackage: 'qemu-system-arm' };

export interface QemuOptions {
  /** Host time until the run counts as hung; 10,000 by default. */
  readonly timeoutMs?: number;
  /** QEMU's name of the board; mps2-an386 by default. */
  readonly machine?: string;
  /** Words of the semihosting command line, the program's name first. */
  readonly commandLine?: readonly string[];
  /** The folder that semihosting's relative paths start from. */
  readonly cwd?: string;
  /** What the first UART receives; semihosting then has no console. */
  readonly uartInput?: string;
}

export interface QemuRun {
  /** What the guest wrote by semihosting or to its first UART, in the order it was written. */
  readonly stdout: string;
  /** QEMU's own messages: guest lockup, a bad ELF. */
  readonly stderr: string;
  /** The status of semihosting's SYS_EXIT (0 or 1) or SYS_EXIT_EXTENDED; 1 too when QEMU gives up. */
  readonly exitCode: number;
}

/** Where QEMU stood before an instruction. */
export interface QemuStep {
  /** R0 to R15, unsigned. */
  readonly registers: readonly number[];
  readonly xpsr: number;
}

const BOARD = ['-display', 'none', '-monitor', 'none'];

/** Runs the ELF to its exit. Throws MissingWitness without QEMU, Error when `timeoutMs` has passed. */
export function runQemu(elfPath: string, options: QemuOptions = {}): QemuRun {
  const { timeoutMs = 10_000, machine = 'mps2-an386', commandLine = [], cwd, uartInput } = options;
  // One character device for both consoles: without it semihosting writes to QEMU's stderr.
  const both = ['-chardev', 'stdio,id=console,mux=on,signal=off', '-serial', 'chardev:console'];
  const serial = uartInput === undefined ? both : ['-serial', 'stdio'];
  const words = commandLine.map((word) => `,arg=${word}`).join('');
  const target = `enable=on,target=native${uartInput === undefined ? ',chardev=console' : ''}${words}`;
  const args = ['-M', machine, ...BOARD, ...serial, '-semihosting-config', target, '-kernel', elfPath];
  const { stdout, stderr, status } = runTool(QEMU, args, timeoutMs, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(uartInput === undefined ? {} : { input: uartInput }),
  });
  return { stdout, stderr, exitCode: status };
}

/**
 * Every instruction of the ELF up to its exit, one at a time. Interrupts come when the host pleases: give a
 * program without. Throws as runQemu does.
 */
export function qemuSteps(elfPath: string): QemuStep[] {
  const log = join(scratchFolder(), 'qemu-steps.log');
  const each = ['-singlestep', '-d', 'exec,cpu,nochain', '-D', log];
  const semihosting = ['-semihosting-config', 'enable=on,target=native', '-serial', 'null'];
  runTool(QEMU, ['-M', 'mps2-an386', ...BOARD, ...semihosting, ...each, '-kernel', elfPath], 30_000);
  const steps = readFileSync(log, 'utf8')
    .split(/^Trace .*\n/m)
    .slice(1);
  return steps.map((text) => ({
    registers: Array.from(text.matchAll(/R\d\d=([0-9a-f]{8})/g), ([, hex]) => Number.parseInt(hex ?? '', 16)),
    xpsr: Number.parseInt(/XPSR=([0-9a-f]{8})/.exec(text)?.[1] ?? '', 16),
  }));
}
