/**
 * The receiving half of a UART as far as time goes: bytes of the serial line, each a frame's time on its way,
 * and the silence after the last. The other end waits while the receiver is off, and sends a byte again whose
 * frame that cut short. Every frame is whole: no parity, framing or noise error ever.
 */
import type { PeripheralSite, SerialLine } from '../ports.js';

export interface ReceiverOwner {
  /** Core cycles of one frame now; infinite or 0 when the baud clock stands still. */
  frameCycles(): number;
  /** The receiver is on, and the other end may send. */
  accepts(): boolean;
  arrived(byte: number): void;
  /** The line has been silent for a frame's time after a byte. */
  silent(): void;
}

export class Receiver {
  private readonly site: PeripheralSite;
  private readonly line: SerialLine;
  private readonly owner: ReceiverOwner;
  /** The cycle at which the start bit of the frame under way comes or came. */
  private start = 0;
  private callOffFrame: (() => void) | undefined;
  private callOffSilence: (() => void) | undefined;

  constructor(site: PeripheralSite, line: SerialLine, owner: ReceiverOwner) {
    this.site = site;
    this.line = line;
    this.owner = owner;
    line.onReady(() => this.go());
    site.clocks.onChange(() => this.go());
  }

  /** A frame is under way. */
  get busy(): boolean {
    return this.callOffFrame !== undefined && this.site.clock.now() >= this.start;
  }

  /** Forgets the frame under way. */
  stop(): void {
    this.callOffFrame?.();
    this.callOffSilence?.();
    this.callOffFrame = this.callOffSilence = undefined;
  }

  /** Tells of a byte that found another unread. */
  noteLoss(): void {
    const text = `${this.site.name} received a byte before the one before it was read: one is lost`;
    this.site.notice('uart-input-lost', text);
  }

  /** Lets the other end begin, if it has something, may send and does not yet. */
  go(): void {
    if (this.callOffFrame !== undefined || !this.line.ready || !this.owner.accepts()) return;
    const cycles = this.owner.frameCycles();
    if (cycles === 0 || cycles === Number.POSITIVE_INFINITY) return;
    const now = this.site.clock.now();
    const { pause } = this.line;
    if (pause === 0) this.callOffSilence?.();
    this.start = now + Math.round(pause * cycles);
    this.callOffFrame = this.site.clock.at(now + Math.max(1, Math.round((pause + 1) * cycles)), () => {
      this.callOffFrame = undefined;
      this.arrive(cycles);
    });
  }

  private arrive(cycles: number): void {
    const end = this.site.clock.now() + Math.max(1, Math.round(cycles));
    this.callOffSilence?.();
    this.callOffSilence = this.site.clock.at(end, () => {
      this.callOffSilence = undefined;
      this.owner.silent();
    });
    this.owner.arrived(this.line.take());
    this.go();
  }
}
