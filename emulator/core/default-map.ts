/**
 * The system address map that holds without an MPU (DDI 0403, B3.1, table B3-1): what may be executed, and
 * which stores the write buffer takes.
 */

interface Block {
  /** One past its last address. */
  readonly end: number;
  readonly executeNever: boolean;
  /**
   * A store is buffered, so that a bus error comes too late to name its instruction. Not so where the memory
   * is write-through (Code), nor where it is Strongly-ordered (the private peripheral bus).
   */
  readonly bufferable: boolean;
}

/** In rising order, without a gap. */
const BLOCKS: readonly Block[] = [
  { end: 0x20000000, executeNever: false, bufferable: false },
  { end: 0x40000000, executeNever: false, bufferable: true },
  { end: 0x60000000, executeNever: true, bufferable: true },
  { end: 0x80000000, executeNever: false, bufferable: true },
  { end: 0xa0000000, executeNever: false, bufferable: false },
  { end: 0xe0000000, executeNever: true, bufferable: true },
  { end: 0xe0100000, executeNever: true, bufferable: false },
  { end: 0x100000000, executeNever: true, bufferable: true },
];

/** @param address unsigned */
export function defaultBlock(address: number): Block {
  return BLOCKS.find(({ end }) => address < end) as Block;
}

/** The private peripheral bus, which no MPU region covers. */
export function isPrivatePeripheral(address: number): boolean {
  return address >>> 20 === 0xe00;
}
