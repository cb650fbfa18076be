/** What a measured machine adds to a unit's code: its stores are looked at. */
import { X, X_OFFSET } from '../core/state.js';
import type { BlockCode } from './block-code.js';
import { binary, constant, splitOffset, type Value } from './value.js';

export type MeasuredCall = 'storing';

/** What an instruction's stores so far were looked at for. */
interface Seen {
  readonly base: Value | undefined;
  readonly low: number;
  readonly high: number;
}

const offsetOf = (index: number): number => X_OFFSET + 4 * index;

export class MeasuredCode {
  private seen: Seen | undefined;

  constructor(
    private readonly code: BlockCode,
    private readonly call: (name: MeasuredCall) => void,
  ) {}

  begin(): void {
    this.seen = undefined;
  }

  /**
   * The instruction is about to store so many words one after the other: the host is told where one may lie
   * in the range that is watched.
   */
  storing(address: Value, words: number): void {
    const { base, offset } = splitOffset(address);
    const { seen } = this;
    if (seen !== undefined && seen.base === base && offset >= seen.low && offset < seen.high) return;
    this.seen = { base, low: offset, high: offset + 4 * words };
    const { code } = this;
    const { f } = code;
    const further = 4 * (words - 1);
    code.push(binary('i32.add', address, constant(further)));
    f.const(0).memory('i32.load', offsetOf(X.WATCH_START)).op('i32.sub');
    f.const(0).memory('i32.load', offsetOf(X.WATCH_SIZE));
    if (further !== 0) f.const(further).op('i32.add');
    f.op('i32.lt_u').if('watched');
    code.asideDo(() => code.push(address));
    f.const(words);
    this.call('storing');
    f.end();
  }
}
