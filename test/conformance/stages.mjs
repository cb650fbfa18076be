/** The stages of `npm run conformance`: which tests, and with which numbers. Data only. */

export const STAGES = [
  {
    name: 'objdump',
    title: 'Text of instructions, against GNU objdump',
    what: 'All 16-bit encodings, 400 words a 32-bit record, 2 million random words; in IT blocks and out.',
    files: ['test/emulator/decode/objdump.test.ts'],
    env: { M4LAB_WORDS: '2000000' },
  },
  {
    name: 'unicorn',
    title: 'Meaning of instructions, against Unicorn',
    what: '2,000 random and boundary states of each encoding: registers, flags, FPSCR, memory, faults.',
    files: ['test/emulator/interpret/unicorn.test.ts'],
    env: { M4LAB_STATES: '2000' },
  },
  {
    name: 'floating-point',
    title: 'Floating-point arithmetic, against Unicorn',
    what: 'A boundary grid in each rounding mode, with FZ and DN; a million random triples a rounding mode.',
    files: ['test/emulator/core/floating-point.test.ts'],
    env: { M4LAB_TRIPLES: '4000000' },
  },
  {
    name: 'mpu',
    title: 'Rights under the MPU, against the manual’s pseudocode and QEMU',
    what: 'Random regions and subregions: load, store and fetch, by privileged and unprivileged code.',
    files: ['test/emulator/core/mpu.test.ts'],
    env: { M4LAB_MPU_ROUNDS: '40' },
  },
  {
    name: 'elf',
    title: 'Damaged ELF files',
    what: '100,000 mutations of the shipped firmware, and as many of line tables: no crash, no hang.',
    files: ['test/emulator/elf/damage.test.ts', 'test/emulator/elf/source-lines.test.ts'],
    env: { M4LAB_ELF_FILES: '100000' },
  },
  {
    name: 'torture',
    title: 'GCC’s torture programs, against QEMU',
    what: 'gcc.c-torture/execute of GCC 12.2 for the mps2-an386, three levels: same console, same exit.',
    files: ['test/conformance/torture.test.ts'],
    env: { M4LAB_TORTURE: 'all' },
  },
  {
    name: 'random-programs',
    title: 'Random programs, translated and interpreted',
    what: 'Random instructions, branches, loops, calls and faults: both alike at every sync point.',
    files: ['test/emulator/translate/random-blocks.test.ts'],
    env: { M4LAB_PROGRAMS: '200' },
  },
  {
    name: 'torture-lockstep',
    title: 'GCC’s torture programs, translated and interpreted',
    what: 'gcc.c-torture/execute of GCC 12.2, three levels: both alike at every sync point.',
    files: ['test/conformance/torture-lockstep.test.ts'],
    env: { M4LAB_TORTURE: 'all' },
  },
];
