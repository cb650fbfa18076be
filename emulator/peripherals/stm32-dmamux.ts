/**
 * DMA request multiplexer of the STM32L4+ (ST RM0432, chapter DMAMUX; offsets and bits: ST cmsis_device_l4,
 * stm32l4r5xx.h): each channel passes on the request that its DMAREQ_ID names. Not here: synchronisation and
 * the request generators. Wires: `<name>.<channel>`, channels from 0.
 * Parameters: channels (how many), requests (DMAREQ_ID to the wire of the device that asks).
 */
import type { Peripheral, PeripheralSite, PeripheralType } from '../ports.js';
import { namesOf, numberOf } from './parameter.js';
import { RegisterFile, unmodelled } from './register-file.js';

const DMAREQ_ID = 0xff;
const SYNCHRONISATION = { SOIE: 1 << 8, EGE: 1 << 9, SE: 1 << 16 } as const;
const STATUS = { CSR: 0x80, CFR: 0x84 } as const;
const GENERATORS = { RG0CR: 0x100, RG1CR: 0x104, RG2CR: 0x108, RG3CR: 0x10c, RGSR: 0x140, RGCFR: 0x144 };

class DmaMultiplexer implements Peripheral {
  private readonly site: PeripheralSite;
  private readonly channels: readonly number[];
  private readonly requests: Readonly<Record<string, string>>;
  private readonly file: RegisterFile;

  constructor(site: PeripheralSite) {
    this.site = site;
    this.channels = Array.from({ length: numberOf(site, 'channels', 14) }, (_, n) => n);
    this.requests = namesOf(site, 'requests');
    const written = (): void => this.pass();
    this.file = new RegisterFile([
      ...this.channels.map((n) => ({
        ...{ name: `C${n}CR`, offset: 4 * n, writable: 0x1fff03ff, written },
        unmodelled: SYNCHRONISATION,
      })),
      { name: 'CSR', offset: STATUS.CSR, writable: 0 },
      { name: 'CFR', offset: STATUS.CFR, store: () => 0, writeOneToClear: true },
      ...unmodelled(GENERATORS),
    ]);
    for (const wire of Object.values(this.requests)) site.wires.onChange(wire, written);
  }

  get registers() {
    return this.file.registers;
  }

  reset(): void {
    this.file.reset();
    this.pass();
  }

  private pass(): void {
    const { wires, name } = this.site;
    for (const n of this.channels) {
      const wire = this.requests[String(this.file.get(`C${n}CR`) & DMAREQ_ID)];
      wires.drive(`${name}.${n}`, wire !== undefined && wires.level(wire));
    }
  }
}

export const stm32Dmamux: PeripheralType = {
  type: 'stm32-dmamux',
  create: (site) => new DmaMultiplexer(site),
};
