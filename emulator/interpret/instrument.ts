/**
 * How a measurement gets between instructions: it wraps what runs them, where it wants to, when they are
 * decoded.
 */
import type { Decoded } from '../decode/decoder.js';
import type { Execute } from './compile.js';

/** One instruction at one address. */
export interface Site {
  readonly address: number;
  readonly decoded: Decoded;
}

/**
 * Gives back `execute` itself where it measures nothing: that costs nothing. A wrapper must call `execute`
 * once and return what it returned (odd: the instruction signalled and has not happened).
 */
export type Instrument = (site: Site, execute: Execute) => Execute;
