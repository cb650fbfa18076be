/**
 * A machine as what gdb debugs: the debugger joined to the protocol's interface, and the monitor commands.
 */
import { Debugger, type GdbTarget, type Machine, type MonitorCommand } from '../../../emulator/index.js';

/**
 * Scripts written for hardware probes say `monitor reset halt`, `monitor halt`: here that is what happens
 * anyway.
 */
function monitorCommands(machine: Machine, reset: () => void): readonly MonitorCommand[] {
  const figure = (value: number): string => value.toLocaleString('en-US');
  return [
    {
      name: 'reset',
      summary: 'start the program anew and stop before its first instruction; breakpoints stay',
      run: () => {
        reset();
        return (
          'm4lab: reset; the program stands before its first instruction ' +
          '(gdb shows it after "maintenance flush register-cache")\n'
        );
      },
    },
    { name: 'halt', summary: 'nothing: the program stands whenever gdb can ask', run: () => '' },
    {
      name: 'cycles',
      summary: 'core cycles and instructions since reset',
      run: () => {
        const { cycles, instructions, timingModel } = machine;
        return `${figure(cycles)} cycles (${timingModel}), ${figure(instructions)} instructions\n`;
      },
    },
    {
      name: 'stacks',
      summary: 'the peak use of each stack, in bytes',
      run: () =>
        machine
          .stacks()
          .map(({ name, peakBytes }) => `${name}: ${figure(peakBytes)}\n`)
          .join(''),
    },
  ];
}

export interface MachineTarget {
  readonly target: GdbTarget;
  /** True while what runs has run before, on the way back: its console text is already out. */
  readonly again: () => boolean;
}

export function machineTarget(machine: Machine): MachineTarget {
  const debug = new Debugger(machine);
  const target: GdbTarget = {
    registers: debug.registers,
    readRegister: (index) => debug.readRegister(index),
    writeRegister: (index, words) => debug.writeRegister(index, words),
    readMemory: (address, length) => debug.readMemory(address, length),
    writeMemory: (address, bytes) => debug.writeMemory(address, bytes),
    resume: (how) => debug.resume(how),
    slice: () => debug.slice(),
    addBreakpoint: (address) => debug.addBreakpoint(address),
    removeBreakpoint: (address) => debug.removeBreakpoint(address),
    addWatchpoint: (kind, address, length) => debug.addWatchpoint(kind, address, length),
    removeWatchpoint: (kind, address, length) => debug.removeWatchpoint(kind, address, length),
    reversible: true,
    release: () => debug.release(),
    reset: () => debug.reset(),
    monitor: monitorCommands(machine, () => debug.reset()),
  };
  return { target, again: () => debug.again };
}
