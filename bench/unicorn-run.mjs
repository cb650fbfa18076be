/**
 * Runs one ELF of the benchmark on native Unicorn, in a process of its own: node bench/unicorn-run.mjs
 * [--hook library] program.elf words... It serves the three semihosting calls that the programs make.
 * Unicorn has no System Control Space and takes no exception: what lies there is plain memory here, which is
 * enough for the start-up code's CPACR, and a program that wants interrupts cannot run.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import koffi from 'koffi';
import { loadElf } from '../dist/emulator/elf/load-elf.js';

/** Facts of unicorn.h and arm.h, release 2.0.1; register numbers moved between releases. */
const LIBRARY = 'libunicorn.so.2';
const RELEASE = 0x0200;
const [ARCH_ARM, MODE_THUMB, CPU_CORTEX_M4] = [1, 1 << 4, 9];
const CTL_SET_CPU_MODEL = (7 | (1 << 26) | (1 << 30)) >>> 0;
const [HOOK_INTR, HOOK_BLOCK, PROT_ALL] = [1, 8, 7];
const [REG_PC, REG_SP, REG_R0, REG_R1] = [11, 12, 66, 67];
const EXCEPTION_BKPT = 7;
/** The mps2-an386's two memories, and the System Control Space. */
const MAPS = [
  [0x0000_0000, 0x40_0000],
  [0x2000_0000, 0x40_0000],
  [0xe000_e000, 0x1000],
];

const uc = koffi.load(LIBRARY);
const release = uc.func('uint32 uc_version(void *major, void *minor)')(null, null) >>> 16;
if (release !== RELEASE) throw new Error(`${LIBRARY} is release 0x${release.toString(16)}, not 2.0`);
const call = {
  open: uc.func('int uc_open(int arch, int mode, _Out_ void **engine)'),
  ctl: uc.func('uc_ctl', 'int', ['void *', 'uint32', 'uint64', 'uint64']),
  map: uc.func('int uc_mem_map(void *engine, uint64 address, size_t size, uint32 permissions)'),
  write: uc.func('int uc_mem_write(void *engine, uint64 address, const void *bytes, size_t size)'),
  read: uc.func('int uc_mem_read(void *engine, uint64 address, void *bytes, size_t size)'),
  setRegister: uc.func('int uc_reg_write(void *engine, int register, const void *value)'),
  getRegister: uc.func('int uc_reg_read(void *engine, int register, void *value)'),
  start: uc.func(
    'int uc_emu_start(void *engine, uint64 pc, uint64 until, uint64 microseconds, size_t count)',
  ),
  stop: uc.func('int uc_emu_stop(void *engine)'),
  hook: uc.func('uc_hook_add', 'int', ['void *', 'void *', 'int', 'void *', 'void *', 'uint64', 'uint64']),
};

const words = process.argv.slice(2);
const hookLibrary = words[0] === '--hook' ? words.splice(0, 2)[1] : undefined;
const [path, ...rest] = words;
const commandLine = [basename(path), ...rest].join(' ');
const engine = open();
const counter = hookLibrary === undefined ? undefined : koffi.load(hookLibrary);
if (counter !== undefined) addHook(HOOK_BLOCK, counter.symbol('m4lab_count_block', 'void'));
let interrupt = 0;
const onInterrupt = koffi.proto('void m4lab_bench_interrupt(void *engine, uint32 exception, void *user)');
addHook(HOOK_INTR, koffi.register(stopAtInterrupt, koffi.pointer(onInterrupt)));
process.exit(runToExit());

function check(what, error) {
  if (error !== 0) throw new Error(`${what} answered uc_err ${error}`);
}

function open() {
  const made = [null];
  check('uc_open', call.open(ARCH_ARM, MODE_THUMB, made));
  check('uc_ctl', call.ctl(made[0], CTL_SET_CPU_MODEL, CPU_CORTEX_M4, 0));
  for (const [at, bytes] of MAPS) check('uc_mem_map', call.map(made[0], at, bytes, PROT_ALL));
  for (const { physicalAddress, fileBytes } of loadElf(readFileSync(path), path).segments) {
    check('uc_mem_write', call.write(made[0], physicalAddress, fileBytes, fileBytes.length));
  }
  return made[0];
}

/** begin 1 > end 0 means every address. */
function addHook(kind, callback) {
  check('uc_hook_add', call.hook(engine, new BigUint64Array(1), kind, callback, null, 1, 0));
}

function stopAtInterrupt(_engine, exception) {
  interrupt = exception;
  call.stop(engine);
}

function register(number, value) {
  const word = new Uint32Array(1);
  if (value === undefined) {
    check('uc_reg_read', call.getRegister(engine, number, word));
  } else {
    word[0] = value;
    check('uc_reg_write', call.setRegister(engine, number, word));
  }
  return word[0];
}

function bytesAt(address, count) {
  const bytes = new Uint8Array(count);
  check('uc_mem_read', call.read(engine, address, bytes, count));
  return bytes;
}

function wordsAt(address, count) {
  return new Uint32Array(bytesAt(address, 4 * count).buffer);
}

/** Runs from reset, call after call, and returns the exit status. */
function runToExit() {
  const [sp, reset] = wordsAt(0, 2);
  register(REG_SP, sp);
  for (let pc = reset & ~1; ; ) {
    interrupt = 0;
    const error = call.start(engine, pc | 1, 0xffff_fffe, 0, 0);
    if (interrupt !== EXCEPTION_BKPT) throw new Error(`stopped by exception ${interrupt}, uc_err ${error}`);
    const status = semihosting(register(REG_R0), register(REG_R1));
    if (status !== undefined) return status;
    pc = register(REG_PC);
    const [low, high] = bytesAt(pc, 2);
    if (low === 0xab && high === 0xbe) pc += 2;
  }
}

/** SYS_WRITE0, SYS_GET_CMDLINE, and the two exits, which give a status. */
function semihosting(operation, argument) {
  if (operation === 0x18) return argument === 0x20026 ? 0 : 1;
  if (operation === 0x20) return wordsAt(argument, 2)[1];
  if (operation === 0x04) {
    process.stdout.write(textAt(argument));
  } else if (operation === 0x15) {
    const bytes = Uint8Array.from(`${commandLine}\0`, (letter) => letter.charCodeAt(0));
    check('uc_mem_write', call.write(engine, wordsAt(argument, 1)[0], bytes, bytes.length));
    register(REG_R0, 0);
  } else {
    throw new Error(`the program asks for semihosting operation 0x${operation.toString(16)}`);
  }
  return undefined;
}

/** Byte by byte: the text may end where memory does. */
function textAt(address) {
  let text = '';
  for (let at = address; ; at++) {
    const [byte] = bytesAt(at, 1);
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
}
