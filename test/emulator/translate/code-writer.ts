/** Writes code a halfword at a time, with labels, and the few instructions that a program's frame needs. */

/** A place in the code, perhaps not yet known. */
export class Label {
  at: number | undefined;
}

export const CONDITIONS = 14;

export class CodeWriter {
  readonly halfwords: number[] = [];
  private readonly fixes: (() => void)[] = [];

  /** @param start address of the first halfword */
  constructor(readonly start: number) {}

  get address(): number {
    return this.start + 2 * this.halfwords.length;
  }

  put(...halfwords: readonly number[]): void {
    this.halfwords.push(...halfwords.map((halfword) => halfword & 0xffff));
  }

  word(value: number): void {
    this.put(value, value >>> 16);
  }

  align(): void {
    if ((this.address & 2) !== 0) this.put(0xbf00);
  }

  place(label: Label): void {
    label.at = this.address;
  }

  /** Puts halfwords that are known when all labels are. @param make from the distance to the PC as read */
  private later(label: Label, count: number, make: (distance: number) => readonly number[]): void {
    const index = this.halfwords.length;
    const pc = this.address + 4;
    this.put(...Array<number>(count).fill(0));
    this.fixes.push(() => {
      if (label.at === undefined) throw new Error('a label has no place');
      this.halfwords.splice(index, count, ...make(label.at - pc));
    });
  }

  /** B<c>.N, -256 to 254 bytes. @param condition 0 to 13 */
  branchNarrow(condition: number, label: Label): void {
    this.later(label, 1, (distance) => {
      if (distance < -256 || distance > 254) throw new Error(`B.N cannot reach ${distance}`);
      return [0xd000 | (condition << 8) | ((distance >> 1) & 0xff)];
    });
  }

  /** B<c>.W */
  branchWide(condition: number, label: Label): void {
    this.later(label, 2, (distance) => {
      const [s, imm6, imm11] = [distance < 0 ? 1 : 0, (distance >> 12) & 0x3f, (distance >> 1) & 0x7ff];
      const [j1, j2] = [(distance >> 18) & 1, (distance >> 19) & 1];
      return [0xf000 | (s << 10) | (condition << 6) | imm6, 0x8000 | (j1 << 13) | (j2 << 11) | imm11];
    });
  }

  /** B.N, 2 KB each way. */
  jump(label: Label): void {
    this.later(label, 1, (distance) => [0xe000 | ((distance >> 1) & 0x7ff)]);
  }

  /** B.W or BL. */
  far(label: Label, link: boolean): void {
    this.later(label, 2, (distance) => {
      const s = distance < 0 ? 1 : 0;
      const [i1, i2] = [(distance >> 23) & 1, (distance >> 22) & 1];
      const [j1, j2] = [i1 ^ s ^ 1, i2 ^ s ^ 1];
      const low = (link ? 0xd000 : 0x9000) | (j1 << 13) | (j2 << 11) | ((distance >> 1) & 0x7ff);
      return [0xf000 | (s << 10) | ((distance >> 12) & 0x3ff), low];
    });
  }

  /** CBZ or CBNZ, forwards, at most 126 bytes. */
  compareAndBranch(register: number, nonZero: boolean, label: Label): void {
    this.later(label, 1, (distance) => {
      if (distance < 0 || distance > 126) throw new Error(`CBZ cannot reach ${distance}`);
      const half = distance >> 1;
      return [0xb100 | (nonZero ? 0x800 : 0) | ((half >> 5) << 9) | ((half & 0x1f) << 3) | register];
    });
  }

  /** A table's entry of TBB or TBH, in halfwords from the table's start. */
  tableEntries(labels: readonly Label[], wide: boolean): void {
    const table = this.address;
    const index = this.halfwords.length;
    const count = wide ? labels.length : labels.length / 2;
    this.put(...Array<number>(count).fill(0));
    this.fixes.push(() => {
      const offsets = labels.map(({ at = table }) => (at - table) >> 1);
      const entries = Array.from({ length: count }, (_, k) =>
        wide ? (offsets[k] as number) : (offsets[2 * k] as number) | ((offsets[2 * k + 1] as number) << 8),
      );
      this.halfwords.splice(index, count, ...entries);
    });
  }

  /** MOVW and MOVT: any word. */
  constant(register: number, value: number): void {
    for (const [opcode, half] of [
      [0xf240, value & 0xffff],
      [0xf2c0, value >>> 16],
    ] as const) {
      const high = opcode | (((half >> 11) & 1) << 10) | (half >> 12);
      this.put(high, (((half >> 8) & 7) << 12) | (register << 8) | (half & 0xff));
    }
  }

  /** A label's address with bit 0 set, by MOVW and MOVT. */
  codeAddress(register: number, label: Label): void {
    const index = this.halfwords.length;
    this.put(0, 0, 0, 0);
    this.fixes.push(() => {
      const other = new CodeWriter(0);
      other.constant(register, (label.at ?? 0) | 1);
      this.halfwords.splice(index, 4, ...other.halfwords);
    });
  }

  finish(): Uint8Array {
    for (const fix of this.fixes) fix();
    return new Uint8Array(Uint16Array.from(this.halfwords).buffer);
  }
}
