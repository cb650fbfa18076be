/** Memory and registers as a DMA controller reaches them: beside the core, past its MPU. */
import type { Window } from '../core/memory.js';
import type { Bus } from '../ports.js';
import type { DeviceMap } from './device-map.js';

/** @param devices looked up at each access: the map is made after the devices that use this bus */
export function deviceBus(
  buffer: ArrayBufferLike,
  windows: readonly Window[],
  devices: () => DeviceMap,
): Bus {
  const view = new DataView(buffer);
  const find = (address: number, size: number): Window | undefined =>
    windows.find((w) => address >= w.start && address + size <= w.start + w.size);
  return {
    load: (address, size) => {
      const window = find(address, size);
      if (window === undefined) return devices().load(address, size) ?? undefined;
      const at = window.offset + address - window.start;
      if (size === 4) return view.getInt32(at, true);
      return size === 2 ? view.getUint16(at, true) : view.getUint8(at);
    },
    store: (address, size, value) => {
      const window = find(address, size);
      if (window === undefined) return devices().store(address, size, value) === true;
      if (!window.writable) return false;
      const at = window.offset + address - window.start;
      if (size === 4) view.setInt32(at, value, true);
      else if (size === 2) view.setInt16(at, value, true);
      else view.setInt8(at, value);
      return true;
    },
  };
}
