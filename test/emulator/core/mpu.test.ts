/**
 * The memory protection unit: its rights against the manual's pseudocode, and by programs against QEMU; each
 * of its faults (DDI 0403, B3.5, B1.5.14). M4LAB_MPU_ROUNDS multiplies the random settings (1 when absent).
 */
import { describe, expect, it } from 'vitest';
import { Mpu, Right, UNPRIVILEGED } from '../../../emulator/core/mpu.js';
import { Prng } from '../../../harness/data/prng.js';
import { noteFigure } from '../../conformance/figures.js';
import { agreedWords, guest, wordsOf } from '../machine/guest-machine.js';
import { type AccessKind, type MpuSetting, oracleAllows } from './mpu-oracle.js';
import { FREE_REGIONS, PLAYGROUND, type Probed, probingProgram, WORDS_PER_SETTING } from './mpu-program.js';

const ROUNDS = Number(process.env.M4LAB_MPU_ROUNDS ?? 1);
const TIMEOUT = 30_000 * ROUNDS;

const KINDS: readonly AccessKind[] = ['read', 'write', 'execute'];

function randomRasr(random: Prng, smallest: number, largest: number): number {
  const size = smallest + random.below(largest - smallest + 1);
  const disabled = random.below(2) === 0 ? 0 : random.below(256);
  const [xn, ap, attributes] = [random.below(2), random.below(8), random.below(64)];
  const permission = ap === 4 ? 0 : ap;
  const enable = random.below(5) === 0 ? 0 : 1;
  return (
    ((xn << 28) | (permission << 24) | (attributes << 16) | (disabled << 8) | (size << 1) | enable) >>> 0
  );
}

/**
 * QEMU 7.2 leaves a region out whose base is no multiple of its size (silicon ignores the low bits), and
 * mistakes disabled subregions that are smaller than its page of 1 KB.
 */
function alignedRegion(address: number, random: Prng): [number, number] {
  const rasr = randomRasr(random, 4, 13);
  const size = 2 ** (((rasr >>> 1) & 31) + 1);
  return [Math.floor(address / size) * size, size < 8192 ? rasr & ~0xff00 : rasr];
}

/** A word anywhere, or near the borders where maps change. */
function randomAddress(random: Prng): number {
  const bases = [0, 0x20000000, 0x40000000, 0x60000000, 0xa0000000, 0xe0000000, 0xe00ff000, 0xe0100000];
  return ((bases[random.below(bases.length)] as number) + random.below(0x10000)) >>> 0;
}

function program(mpu: Mpu, { privilegedDefault, regions }: MpuSetting): void {
  const write = (name: string, value: number): void =>
    mpu.registers.find((register) => register.name === name)?.write?.(value | 0);
  regions.forEach(([rbar, rasr], n) => {
    write('MPU_RNR', n);
    write('MPU_RBAR', rbar & ~0x1f);
    write('MPU_RASR', rasr);
  });
  write('MPU_CTRL', privilegedDefault ? 5 : 1);
}

describe('rights', () => {
  it('are those of the manual’s pseudocode, for random regions', { timeout: TIMEOUT }, () => {
    const random = new Prng(35);
    const seen = { allowed: 0, forbidden: 0 };
    for (let round = 0; round < 300 * ROUNDS; round++) {
      const regions = Array.from({ length: 8 }, (): [number, number] => [
        randomAddress(random),
        randomRasr(random, 4, round % 3 === 0 ? 31 : 15),
      ]);
      const setting = { privilegedDefault: random.below(2) === 0, regions };
      const mpu = new Mpu(8, () => undefined);
      program(mpu, setting);
      for (let probe = 0; probe < 100; probe++) {
        const address = randomAddress(random);
        const rights = mpu.rightsAt(address);
        for (const privileged of [true, false]) {
          for (const kind of KINDS) {
            const allowed = (rights & (Right[kind] << (privileged ? 0 : UNPRIVILEGED))) !== 0;
            seen[allowed ? 'allowed' : 'forbidden']++;
            const where = `${address.toString(16)} ${kind} ${privileged} ${JSON.stringify(setting)}`;
            if (allowed !== oracleAllows(setting, address, kind, privileged)) expect.fail(where);
          }
        }
      }
    }
    noteFigure('rights compared with the pseudocode', seen.allowed + seen.forbidden);
    expect(Math.min(seen.allowed, seen.forbidden)).toBeGreaterThan(20_000);
  });

  it.each(Array.from({ length: ROUNDS }, (_, k) => k + 7))('are QEMU’s, for random regions %i', (seed) => {
    const random = new Prng(seed);
    const settings = Array.from({ length: 40 }, (): Probed => {
      const address = (): number => PLAYGROUND.start + random.below(PLAYGROUND.end - PLAYGROUND.start);
      return {
        privilegedDefault: random.below(2) === 0,
        regions: Array.from({ length: FREE_REGIONS }, () => alignedRegion(address(), random)),
        addresses: Array.from({ length: 32 }, () => address() & ~3),
      };
    });
    const words = agreedWords(probingProgram(settings));
    expect(words).toHaveLength(settings.length * WORDS_PER_SETTING);
    const expected = settings.flatMap((setting) =>
      [true, false].flatMap((privileged) =>
        KINDS.map((kind) =>
          setting.addresses.reduce(
            (answers, address, k) =>
              (oracleAllows(setting, address, kind, privileged) ? answers : answers & ~(1 << k)) >>> 0,
            0xffffffff,
          ),
        ),
      ),
    );
    expect(words).toEqual(expected);
    noteFigure('accesses probed on QEMU', 32 * words.length);
    expect(new Set(words).size).toBeGreaterThan(50);
  });
});

describe('registers', () => {
  it('TYPE, CTRL, RNR, and RBAR and RASR with their aliases', () => {
    const words = agreedWords(`
main:
  peek 0xe000ed90
  poke 0xe000ed94, 0xffffffff
  peek 0xe000ed94
  poke 0xe000ed94, 0
  poke 0xe000ed98, 3
  poke 0xe000ed9c, 0x20001000
  poke 0xe000eda0, 0x1307ff17
  peek 0xe000ed9c
  poke 0xe000eda4, 0x20002015
  poke 0xe000eda8, 0x0102001b
  peek 0xe000ed98
  peek 0xe000edb4
  peek 0xe000edb8
  poke 0xe000ed98, 3
  peek 0xe000eda0
  b report
`);
    expect(words).toEqual([0x800, 7, 0x20001003, 5, 0x20002005, 0x0102001b, 0x1307ff17]);
  });
});

const CFSR = 0xe000ed28;
const SHCSR = 0xe000ed24;
const MMFAR = 0xe000ed34;
const HFSR = 0xe000ed2c;

const region = (n: number, base: number, rasr: number): string =>
  `  poke 0xe000ed9c, ${base | 0x10 | n}\n  poke 0xe000eda0, ${rasr}\n`;
const enable = (control: number): string => `  poke 0xe000ed94, ${control}\n`;

/** Nobody may access 1 KB at 0x20004000; all may read and execute code. */
const FENCED = `${region(0, 0x20004000, 0x00000013)}${region(1, 0x00000000, 0x06000039)}`;
const EVERYONE_SRAM = region(2, 0x20000000, 0x03000021);
const NO_ACCESS = region(3, 0x20004000, 0x00000013);

const noteFault = `
  mrs r10, ipsr
  put r10
  peek ${CFSR}
  peek ${MMFAR}
  peek ${HFSR}
  b report
`;

describe('a fault', () => {
  it.each([
    ['a load', 'ldr r4, =0x20004010\n  ldr r4, [r4]', 0x20004010],
    ['a store', 'ldr r4, =0x200043ff\n  strb r4, [r4]', 0x200043ff],
    ['an LDM that reaches in', 'ldr r4, =0x20003ffc\n  ldmia r4, {r5, r6}', 0x20004000],
  ])('DACCVIOL by %s, with its address', (_name, code, address) => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x10000
${FENCED}${enable(5)}
  ${code}
MemManage_Handler:${noteFault}`);
    expect(words).toEqual([4, 0x82, address, 0]);
  });

  it('names the first forbidden byte of an unaligned access, and writes none', () => {
    const words = wordsOf(`
main:
  poke ${SHCSR}, 0x10000
  poke 0x20003ffc, 0x11111111
${FENCED}${enable(5)}
  ldr r4, =0x20003ffe
  ldr r5, =0x22222222
  str r5, [r4]
MemManage_Handler:
  peek 0x20003ffc
${noteFault}`);
    expect(words).toEqual([0x11111111, 4, 0x82, 0x20004000, 0]);
  });

  it('is a HardFault where MemManage is off, and the MPU lets HardFault be unless HFNMIENA', () => {
    const source = (control: number) => `
main:
${FENCED}${enable(control)}
  ldr r4, =0x20004010
  ldr r4, [r4]
HardFault_Handler:
  peek 0x20004010
${noteFault}`;
    expect(agreedWords(source(5)).slice(1)).toEqual([3, 0x82, 0x20004010, 2 ** 30]);
    const { machine } = guest(source(7));
    expect(machine.run({ maxCycles: 100_000 })).toMatchObject({
      reason: 'lockup',
      text: expect.stringMatching(/MPU forbids the read of 4 bytes at 0x20004010.*HardFault or NMI/),
    });
  });

  it('IACCVIOL where code may not run: at its first or its second halfword', () => {
    const source = (target: number) => `
main:
  poke ${SHCSR}, 0x10000
  poke 0x20003ffc, 0x8000f3af   @ nop.w
  poke 0x20004000, 0x47704770
${region(0, 0x20004000, 0x13000013)}${enable(5)}
  ldr r4, =${target | 1}
  blx r4
MemManage_Handler:
  ldr r10, [sp, #24]
  put r10
  mrs r10, ipsr
  put r10
  peek ${CFSR}
  b report
`;
    expect(agreedWords(source(0x20004000))).toEqual([0x20004000, 4, 1]);
    const straddling = source(0x20003ffe).replace('0x20003ffc, 0x8000f3af', '0x20003ffc, 0xf3af4770');
    expect(wordsOf(straddling)).toEqual([0x20003ffe, 4, 1]);
  });

  it('MSTKERR: a frame that the MPU does not let be pushed', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x10000
${FENCED}${enable(5)}
  ldr r4, =0x20004410
  msr psp, r4
  movs r4, #2
  msr control, r4
  isb
  svc 0
MemManage_Handler:
  mrs r10, psp
  put r10
${noteFault}`);
    expect(words).toEqual([0x200043f0, 4, 0x10, 0, 0]);
  });

  it('MUNSTKERR: a frame that the MPU does not let be popped', () => {
    const words = agreedWords(`
main:
  poke ${SHCSR}, 0x10000
  ldr r4, =0x20004410
  msr psp, r4
  movs r4, #2
  msr control, r4
  isb
  svc 0
SVC_Handler:
${FENCED}${enable(5)}
  bx lr
MemManage_Handler:
${noteFault}`);
    expect(words).toEqual([4, 0x8, 0, 0]);
  });

  it('MLSPERR: the FP registers that lazy stacking may not store', () => {
    const source = (priority: number) => `
main:
  poke 0xe000ed88, 0x00f00000
  poke ${SHCSR}, 0x10000
  poke 0xe000ed18, ${priority}
  poke 0xe000ed1c, 0x20000000
  vmov.f32 s0, #1.0
  ldr r4, =0x20004440
  msr psp, r4
  movs r4, #6
  msr control, r4
  isb
  svc 0
SVC_Handler:
${region(0, 0x20004400, 0x00000009)}${enable(5)}
  vmov.f32 s0, #2.0
  movs r10, #1
  put r10
  b report
MemManage_Handler:
${noteFault}`;
    expect(agreedWords(source(0))).toEqual([4, 0x20, 0, 0]);
    // It pends at a priority below the handler's, which goes on.
    expect(agreedWords(source(0x40))).toEqual([1]);
  });
});

describe('unprivileged code', () => {
  const asUser = (code: string, before = '') => `
main:
  poke ${SHCSR}, 0x70000
${EVERYONE_SRAM}${region(1, 0, 0x06000039)}${NO_ACCESS}${before}${enable(5)}
  movs r4, #1
  msr control, r4
  isb
  ${code}
  svc 0
SVC_Handler:
  movs r10, #0
${noteFault}
MemManage_Handler:${noteFault}
BusFault_Handler:
  mrs r10, ipsr
  put r10
  peek ${CFSR}
  peek 0xe000ed38
  b report
`;

  it('has no default map behind its regions', () => {
    expect(agreedWords(asUser('ldr r4, =0x40000000\n  ldr r4, [r4]'))).toEqual([4, 0x82, 0x40000000, 0]);
  });

  it('gets a BusFault on the private peripheral bus, MPU or none', () => {
    expect(agreedWords(asUser(`ldr r4, =0xe000ed00\n  ldr r4, [r4]`))).toEqual([5, 0x8200, 0xe000ed00]);
    const without = asUser(`ldr r4, =0xe000e010\n  str r4, [r4]`).replace(enable(5), '');
    expect(agreedWords(without)).toEqual([5, 0x8200, 0xe000e010]);
  });

  it('may write STIR when CCR.USERSETMPEND says so', () => {
    const source = (ccr: number) =>
      asUser(
        'ldr r4, =0xe000ef00\n  movs r5, #2\n  str r5, [r4]\n  nop',
        `  poke 0xe000ed14, ${ccr}\n  poke 0xe000e100, 4\n`,
      ).concat('IRQ2_Handler:\n  movs r10, #77\n  put r10\n  b report\n');
    expect(wordsOf(source(0x200))).toEqual([5, 0x8200, 0xe000ef00]);
    expect(wordsOf(source(0x202))).toEqual([77]);
  });
});

describe('LDRT and STRT', () => {
  it('access as unprivileged code does', () => {
    const source = (code: string) => `
main:
  poke ${SHCSR}, 0x10000
${region(0, 0x20004000, 0x02000013)}${region(1, 0, 0x06000039)}${enable(5)}
  ldr r4, =0x20004010
  ldr r5, =0xabcd1234
  str r5, [r4]
  ldrt r6, [r4]
  put r6
  ldrsht r6, [r4]
  put r6
  ${code}
  str r5, [r4]
  b report
MemManage_Handler:${noteFault}`;
    expect(agreedWords(source('strt r5, [r4, #4]'))).toEqual([0xabcd1234, 0x1234, 4, 0x82, 0x20004014, 0]);
    expect(agreedWords(source('nop'))).toEqual([0xabcd1234, 0x1234]);
  });
});

describe('the default map', () => {
  it('is for privileged code only with PRIVDEFENA, and holds for vectors always', () => {
    const source = (control: number) => `
main:
  poke ${SHCSR}, 0x10000
${region(0, 0x20000000, 0x03000021)}${region(1, 0, 0x06000039)}
  poke 0xe000ed9c, 0x12
  poke 0xe000eda0, 0x0000000b
${enable(control)}
  ldr r4, =0x40004000
  ldr r4, [r4]
  movs r10, #1
  put r10
  b report
MemManage_Handler:${noteFault}`;
    expect(agreedWords(source(1))).toEqual([4, 0x82, 0x40004000, 0]);
    expect(agreedWords(source(5))).toEqual([1]);
  });
});
