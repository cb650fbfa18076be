/** Which device asks which channel of a DMA controller: the profile's `requests`, looked up. */
import type { PeripheralSite } from '../ports.js';
import { namesOf } from './parameter.js';

export class DmaRequests {
  private readonly site: PeripheralSite;
  /** "<channel>.<selection>", or "<channel>" where there is nothing to select, to the wire that asks. */
  private readonly wires: Readonly<Record<string, string>>;

  /** @param look runs whenever one of the wires changes */
  constructor(site: PeripheralSite, look: () => void) {
    this.site = site;
    this.wires = namesOf(site, 'requests');
    for (const wire of new Set(Object.values(this.wires))) site.wires.onChange(wire, look);
  }

  /** The controller selects among several wires. */
  get selects(): boolean {
    return Object.keys(this.wires).some((key) => key.includes('.'));
  }

  /** Does the device ask that the channel has selected? */
  asks(channel: number, selection: number): boolean {
    const wire = this.wires[`${channel}.${selection}`] ?? this.wires[`${channel}`];
    return wire !== undefined && this.site.wires.level(wire);
  }
}
