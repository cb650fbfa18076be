/** The emulator's one public door: everything the harness and the command line may use. */
export { type ListingLine, listing } from './decode/listing.js';
export { type Architecture, architectureOf, architectureProblems } from './elf/architecture.js';
export type { BuildAttributes } from './elf/build-attributes.js';
export type { ElfImage, ElfSection, ElfSegment, ElfSymbol } from './elf/elf-image.js';
export { loadElf } from './elf/load-elf.js';
export { type SourceLine, sourceLines } from './elf/source-lines.js';
export { type StaticMemory, staticMemory } from './elf/static-memory.js';
export { InternalError, UserError } from './errors.js';
export { Session as GdbSession } from './gdb/session.js';
export type { MonitorCommand, Target as GdbTarget } from './gdb/target.js';
export type { BacktraceFrame } from './machine/backtrace.js';
export type { CallArgument, CallBuffer, CallResult, CallTarget } from './machine/call.js';
export { Debugger, type DebuggerOptions } from './machine/debug/debugger.js';
export type { Unmodelled } from './machine/device-map.js';
export { type FaultReport, faultReport } from './machine/fault-report.js';
export { Machine } from './machine/machine.js';
export type { MachineOptions } from './machine/machine-options.js';
export {
  MACHINE_STATE,
  type MemoryRange,
  machineState,
  memoryOf,
} from './machine/machine-state.js';
export type { AllocatorNames, HeapError, HeapUse } from './machine/measure/heap-use.js';
export type { FunctionUse, Measurements, MeasureOptions } from './machine/measure/measurements.js';
export type { MeasuredStack, StackOverflow } from './machine/measure/stack-use.js';
export type { Notice } from './machine/notices.js';
export {
  findRegion,
  isMapped,
  type MappedRange,
  type McuProfile,
  type MemoryRegion,
  mappedRanges,
  mcuJsonSchema,
  parseMcuProfile,
} from './machine/profile.js';
export type { InputSource } from './machine/semihosting/console-input.js';
export type { FileRefusal, HostFiles, OpenHow } from './machine/semihosting/host-files.js';
export { MemoryFiles } from './machine/semihosting/memory-files.js';
export type { Uart } from './machine/serial-wire.js';
export type { Snapshot } from './machine/snapshot.js';
export type { StackUse } from './machine/stack-peaks.js';
export type { RunUntil, Stop } from './machine/stop.js';
export type {
  MemoryAccess,
  NamedValue,
  TracedEvent,
  TracedInstruction,
  TraceEventKind,
  TraceRecord,
} from './machine/trace/trace-record.js';
export { TRACE_COLUMNS, TRACE_FORMAT, TRACE_HELP, traceLine } from './machine/trace/trace-text.js';
export { Tracer, type TracerOptions } from './machine/trace/tracer.js';
export { type MemoryChange, type Unit, type UnitKind, UnitSteps } from './machine/unit-steps.js';
