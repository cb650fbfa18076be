/**
 * libunicorn2's C functions and numbers, as far as a witness needs them. Thin: no policy here, and koffi,
 * which calls C, is handed in by who has it. The numbers are facts of include/unicorn/unicorn.h and arm.h,
 * release 2.0.1.post1 (Debian 12's).
 */
import type koffi from 'koffi';
import { UserError } from '../../emulator/index.js';

/** What calls C functions. */
export type Koffi = typeof koffi;

const LIBRARY = 'libunicorn.so.2';
const PACKAGE = 'libunicorn2';
/** Register numbers moved between releases; a release other than 2.0.x is refused. */
const VERSION_MAJOR_MINOR = [2, 0] as const;

export const UC_ARCH_ARM = 1;
export const UC_MODE_THUMB = 1 << 4;
export const UC_CPU_ARM_CORTEX_M4 = 9;
export const UC_HOOK_INTR = 1;
export const UC_PROT_READ = 1;
export const UC_PROT_WRITE = 2;
export const UC_PROT_EXEC = 4;

/** uc_ctl's control word: what, how many arguments << 26, direction << 30 (1 writes). */
const control = (what: number, args: number) => (what | (args << 26) | (1 << 30)) >>> 0;
export const UC_CTL_SET_CPU_MODEL = control(7, 1);
export const UC_CTL_REMOVE_CACHE = control(9, 2);

/** UC_ARM_REG_*; q0 and r0 start runs. xPSR is XPSR_NZCVQG when written, XPSR when read. */
export const UC_ARM_REG = {
  fpscr: 6,
  lr: 10,
  pc: 11,
  q0: 50,
  r0: 66,
  msp: 115,
  psp: 116,
  control: 117,
  xpsrRead: 120,
  primask: 123,
  basepri: 124,
  faultmask: 126,
  xpsrWrite: 138,
} as const;

/** uc_err by value. */
export const UC_ERR = [
  'UC_ERR_OK',
  'UC_ERR_NOMEM',
  'UC_ERR_ARCH',
  'UC_ERR_HANDLE',
  'UC_ERR_MODE',
  'UC_ERR_VERSION',
  'UC_ERR_READ_UNMAPPED',
  'UC_ERR_WRITE_UNMAPPED',
  'UC_ERR_FETCH_UNMAPPED',
  'UC_ERR_HOOK',
  'UC_ERR_INSN_INVALID',
  'UC_ERR_MAP',
  'UC_ERR_WRITE_PROT',
  'UC_ERR_READ_PROT',
  'UC_ERR_FETCH_PROT',
  'UC_ERR_ARG',
  'UC_ERR_READ_UNALIGNED',
  'UC_ERR_WRITE_UNALIGNED',
  'UC_ERR_FETCH_UNALIGNED',
  'UC_ERR_HOOK_EXIST',
  'UC_ERR_RESOURCE',
  'UC_ERR_EXCEPTION',
] as const;

/** An address in this process: an engine, memory, a C function. */
export type NativePointer = bigint;
export type InterruptCallback = (engine: NativePointer, exception: number) => void;

export interface UnicornLibrary {
  open(arch: number, mode: number, engine: [NativePointer | null]): number;
  close(engine: NativePointer): number;
  /** C's uc_ctl is variadic; all of the arguments used here are 64-bit integers, passed alike on Linux. */
  ctl(engine: NativePointer, control: number, first: number, second: number): number;
  mapPointer(
    engine: NativePointer,
    at: number,
    size: number,
    permissions: number,
    host: NativePointer,
  ): number;
  registersWrite(engine: NativePointer, ids: NativePointer, values: NativePointer, count: number): number;
  registersRead(engine: NativePointer, ids: NativePointer, values: NativePointer, count: number): number;
  start(engine: NativePointer, pc: number, until: number, microseconds: number, count: number): number;
  stop(engine: NativePointer): number;
  hookInterrupt(engine: NativePointer, callback: NativePointer): number;
  registerCallback(callback: InterruptCallback): NativePointer;
  unregisterCallback(callback: NativePointer): void;
  contextAlloc(engine: NativePointer, context: [NativePointer | null]): number;
  contextSave(engine: NativePointer, context: NativePointer): number;
  contextRestore(engine: NativePointer, context: NativePointer): number;
  contextFree(context: NativePointer): number;
}

type Handle = ReturnType<Koffi['load']>;

function unusable(detail: string): UserError {
  return new UserError({
    code: 'witness-missing',
    what: LIBRARY,
    got: detail,
    expected: `must be there, of release ${VERSION_MAJOR_MINOR.join('.')}, to be a witness`,
    fix: `on Debian 12: apt-get install ${PACKAGE}`,
  });
}

let loaded: UnicornLibrary | undefined;

/** Loads libunicorn, once. @throws UserError when it is absent or of another release */
export function loadUnicorn(native: Koffi): UnicornLibrary {
  loaded ??= bind(native, openLibrary(native));
  return loaded;
}

function openLibrary(native: Koffi): Handle {
  let handle: Handle;
  try {
    handle = native.load(LIBRARY);
  } catch (error) {
    throw unusable(`not loaded (${error instanceof Error ? error.message : String(error)})`);
  }
  const version = handle.func('uint32 uc_version(void *major, void *minor)');
  const [major, minor] = VERSION_MAJOR_MINOR;
  const found = version(null, null) as number;
  // uc_version packs major << 24 | minor << 16 | patch << 8 | extra since 2.0.
  if (found >>> 16 !== ((major << 8) | minor)) throw unusable(`release 0x${found.toString(16)}`);
  return handle;
}

function bind(native: Koffi, handle: Handle): UnicornLibrary {
  const interrupt = native.proto('void m4lab_uc_interrupt(void *engine, uint32 exception, void *user)');
  const hookAdd = handle.func('uc_hook_add', 'int', [
    'void *',
    'void *',
    'int',
    'void *',
    'void *',
    'uint64',
    'uint64',
  ]);
  const hookHandle = new BigUint64Array(1);
  const registers = ['void *', 'void *', 'void *', 'int'];
  return {
    open: handle.func('int uc_open(int arch, int mode, _Out_ void **engine)'),
    close: handle.func('int uc_close(void *engine)'),
    ctl: handle.func('uc_ctl', 'int', ['void *', 'uint32', 'uint64', 'uint64']),
    mapPointer: handle.func('uc_mem_map_ptr', 'int', ['void *', 'uint64', 'size_t', 'uint32', 'void *']),
    registersWrite: handle.func('uc_reg_write_batch', 'int', registers),
    registersRead: handle.func('uc_reg_read_batch', 'int', registers),
    start: handle.func('uc_emu_start', 'int', ['void *', 'uint64', 'uint64', 'uint64', 'size_t']),
    stop: handle.func('int uc_emu_stop(void *engine)'),
    // begin 1 > end 0 means every address.
    hookInterrupt: (engine, callback) => hookAdd(engine, hookHandle, UC_HOOK_INTR, callback, null, 1, 0),
    registerCallback: (callback) => native.register(callback, native.pointer(interrupt)),
    unregisterCallback: (callback) => native.unregister(callback),
    contextAlloc: handle.func('int uc_context_alloc(void *engine, _Out_ void **context)'),
    contextSave: handle.func('int uc_context_save(void *engine, void *context)'),
    contextRestore: handle.func('int uc_context_restore(void *engine, void *context)'),
    contextFree: handle.func('int uc_context_free(void *context)'),
  };
}
