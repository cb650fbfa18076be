/** The stages of `npm run conformance`: which tests, and with which numbers. Data only. */

export const STAGES = [
  {
    name: 'objdump',
    title: 'Text of instructions, against GNU objdump',
    what: 'All 16-bit encodings, 400 words of each 32-bit record and 2 million random words, in and outside IT blocks.',
    files: ['test/emulator/decode/objdump.test.ts'],
    env: { M4LAB_WORDS: '2000000' },
  },
  {
    name: 'unicorn',
    title: 'Meaning of instructions, against Unicorn',
    what: 'At least 2,000 random and boundary states of each encoding: registers, flags, FPSCR, memory, faults.',
    files: ['test/emulator/interpret/unicorn.test.ts'],
    env: { M4LAB_STATES: '2000' },
  },
  {
    name: 'floating-point',
    title: 'Floating-point arithmetic, against Unicorn',
    what: 'A boundary grid in all 16 settings of rounding mode, FZ and DN; 4 million triples, a million a rounding mode.',
    files: ['test/emulator/core/floating-point.test.ts'],
    env: { M4LAB_TRIPLES: '4000000' },
  },
  {
    name: 'elf',
    title: 'Damaged ELF files',
    what: '100,000 mutations of the shipped firmware are refused by name, or loaded and started; none throws or hangs.',
    files: ['test/emulator/elf/damage.test.ts'],
    env: { M4LAB_ELF_FILES: '100000' },
  },
  {
    name: 'torture',
    title: 'GCC’s torture programs, against QEMU',
    what: 'gcc.c-torture/execute of GCC 12.2 for the mps2-an386 at -O0, -O2 and -Os: same console, same exit status.',
    files: ['test/conformance/torture.test.ts'],
    env: { M4LAB_TORTURE: 'all' },
  },
];
