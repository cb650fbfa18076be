/**
 * QEMU's mps2-an386 board (a Cortex-M4F) as the witness of whole programs: what they print and how they exit.
 * It does not count cycles, and checks alignment and bus errors less strictly than silicon.
 */
import { runTool, type Tool } from './tool.js';

const QEMU: Tool = { program: 'qemu-system-arm', debianPackage: 'qemu-system-arm' };

export interface QemuOptions {
  /** Host time until the run counts as hung; 10,000 by default. */
  readonly timeoutMs?: number;
  /** QEMU's name of the board; mps2-an386 by default. */
  readonly machine?: string;
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

/** Runs the ELF to its exit. Throws MissingWitness without QEMU, Error when `timeoutMs` has passed. */
export function runQemu(elfPath: string, options: QemuOptions = {}): QemuRun {
  const { timeoutMs = 10_000, machine = 'mps2-an386', uartInput } = options;
  // One character device for both consoles: without it semihosting writes to QEMU's stderr.
  const console = ['-chardev', 'stdio,id=console,mux=on,signal=off', '-serial', 'chardev:console'];
  const serial = uartInput === undefined ? console : ['-serial', 'stdio'];
  const target = `enable=on,target=native${uartInput === undefined ? ',chardev=console' : ''}`;
  const args = ['-M', machine, '-display', 'none', '-monitor', 'none', ...serial];
  const whole = [...args, '-semihosting-config', target, '-kernel', elfPath];
  const { stdout, stderr, status } = runTool(QEMU, whole, timeoutMs, uartInput);
  return { stdout, stderr, exitCode: status };
}
