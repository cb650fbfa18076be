/** The program of a unit of .debug_line, which makes rows of address, file and line (DWARF 5, 6.2.5). */
import { DwarfBytes } from './dwarf-bytes.js';
import type { LineUnit } from './line-header.js';

export interface LineRows {
  /** @param end the first address after a run of rows; it has no line of its own */
  row(address: number, file: number, line: number, end: boolean): void;
}

/** DW_LNS_* and DW_LNE_* (7.22); the others change nothing that is asked for. */
const LNS = {
  ...{ extended: 0, copy: 1, advancePC: 2, advanceLine: 3, setFile: 4, constAddPC: 8, fixedAdvancePC: 9 },
} as const;
const LNE = { endSequence: 1, setAddress: 2 } as const;

export class LineProgram {
  private readonly reader: DwarfBytes;
  private address = 0;
  private file = 1;
  private line = 1;

  /** @throws Damaged */
  constructor(
    private readonly unit: LineUnit,
    section: Uint8Array,
    private readonly rows: LineRows,
  ) {
    this.reader = new DwarfBytes(section, unit.program, unit.end);
  }

  /** @throws Damaged, after the rows that precede the damage */
  run(): void {
    const { reader, unit } = this;
    while (!reader.done) {
      const opcode = reader.u8();
      if (opcode >= unit.opcodeBase) this.special(opcode);
      else if (opcode === LNS.extended) this.extended();
      else this.standard(opcode);
    }
  }

  private advance(instructions: number): void {
    this.address = (this.address + instructions * this.unit.minimumInstruction) >>> 0;
  }

  private emit(end = false): void {
    this.rows.row(this.address, this.file, this.line, end);
  }

  private special(opcode: number): void {
    const { opcodeBase, lineBase, lineRange } = this.unit;
    const adjusted = opcode - opcodeBase;
    this.advance(Math.floor(adjusted / lineRange));
    this.line += lineBase + (adjusted % lineRange);
    this.emit();
  }

  private standard(opcode: number): void {
    const { reader, unit } = this;
    switch (opcode) {
      case LNS.copy:
        this.emit();
        break;
      case LNS.advancePC:
        this.advance(reader.uleb());
        break;
      case LNS.advanceLine:
        this.line += reader.sleb();
        break;
      case LNS.setFile:
        this.file = reader.uleb();
        break;
      case LNS.constAddPC:
        this.advance(Math.floor((255 - unit.opcodeBase) / unit.lineRange));
        break;
      case LNS.fixedAdvancePC:
        this.address = (this.address + reader.u16()) >>> 0;
        break;
      default:
        for (let operand = unit.operands[opcode - 1] ?? 0; operand > 0; operand--) reader.uleb();
    }
  }

  private extended(): void {
    const { reader } = this;
    const length = reader.uleb();
    const start = reader.skip(length);
    const operation = reader.part(start, start + length);
    const opcode = operation.u8();
    if (opcode === LNE.setAddress) this.address = operation.u32();
    if (opcode !== LNE.endSequence) return;
    this.emit(true);
    this.address = 0;
    this.file = 1;
    this.line = 1;
  }
}
