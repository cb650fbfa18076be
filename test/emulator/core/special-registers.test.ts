/** MRS, MSR and CPS (DDI 0403, B5.2), on a core's state alone. */
import { beforeEach, describe, expect, it } from 'vitest';
import { changeProcessorState, readSpecial, writeSpecial } from '../../../emulator/core/special-registers.js';
import { CoreState, STATE_BYTES, X } from '../../../emulator/core/state.js';

const [APSR, IAPSR, EAPSR, XPSR, IPSR, EPSR, IEPSR, MSP, PSP] = [0, 1, 2, 3, 5, 6, 7, 8, 9];
const [PRIMASK, BASEPRI, BASEPRI_MAX, FAULTMASK, CONTROL] = [16, 17, 18, 19, 20];
const NZCVQ = 2;
const GE = 1;

let state: CoreState;
const read = (SYSm: number) => readSpecial(state, SYSm) >>> 0;
const write = (SYSm: number, value: number, mask = NZCVQ) => writeSpecial(state, 0xf0, SYSm, mask, value);

beforeEach(() => {
  state = new CoreState(new ArrayBuffer(STATE_BYTES), 0);
  state.reset();
  state.setSP(0x20001000);
});

describe('MRS and MSR', () => {
  it('combine APSR and IPSR; EPSR reads as zero', () => {
    write(APSR, 0xffffffff, NZCVQ | GE);
    state.x[X.IPSR] = 11;
    const all = [APSR, IAPSR, EAPSR, XPSR, IPSR, EPSR, IEPSR].map((SYSm) => read(SYSm).toString(16));
    expect(all).toEqual(['f80f0000', 'f80f000b', 'f80f0000', 'f80f000b', 'b', '0', 'b']);
  });

  it('write NZCVQ and GE by the mask', () => {
    write(APSR, 0xffffffff, NZCVQ);
    expect(read(APSR)).toBe(0xf8000000);
    write(APSR, 0, NZCVQ);
    write(APSR, 0xffffffff, GE);
    expect(read(APSR)).toBe(0x000f0000);
  });

  it('reach both stack pointers, whichever is in use, without their low bits', () => {
    write(PSP, 0x20002003);
    expect([read(MSP), read(PSP)]).toEqual([0x20001000, 0x20002000]);
    write(CONTROL, 2);
    expect([state.r[13], read(MSP), read(PSP)]).toEqual([0x20002000, 0x20001000, 0x20002000]);
    write(MSP, 0x20003000);
    expect([state.r[13], read(MSP)]).toEqual([0x20002000, 0x20003000]);
  });

  it('hold the implemented bits of BASEPRI; BASEPRI_MAX only makes it more urgent', () => {
    write(BASEPRI, 0x1ff);
    expect(read(BASEPRI)).toBe(0xf0);
    write(BASEPRI_MAX, 0x40);
    expect(read(BASEPRI)).toBe(0x40);
    write(BASEPRI_MAX, 0x80);
    write(BASEPRI_MAX, 0);
    expect([read(BASEPRI), read(BASEPRI_MAX)]).toEqual([0x40, 0x40]);
    write(BASEPRI, 0);
    write(BASEPRI_MAX, 0x80);
    expect(read(BASEPRI)).toBe(0x80);
  });

  it('leave CONTROL.SPSEL alone in Handler mode', () => {
    state.x[X.IPSR] = 11;
    write(CONTROL, 7);
    expect(read(CONTROL)).toBe(5);
  });

  it('reach only APSR and CONTROL unprivileged', () => {
    for (const SYSm of [PRIMASK, FAULTMASK]) write(SYSm, 1);
    write(BASEPRI, 0x80);
    write(CONTROL, 1);
    expect([MSP, PSP, PRIMASK, BASEPRI, FAULTMASK, CONTROL].map(read)).toEqual([0, 0, 0, 0, 0, 1]);
    write(CONTROL, 0);
    write(MSP, 0x20000000);
    write(APSR, 0xf0000000);
    expect([read(CONTROL), state.msp, read(APSR)]).toEqual([1, 0x20001000, 0xf0000000]);
  });
});

describe('CPS', () => {
  const cps = (disable: boolean, masks: string) =>
    changeProcessorState(state, disable, masks.includes('i'), masks.includes('f'));

  it('sets and clears the masks it names', () => {
    cps(true, 'i');
    expect([read(PRIMASK), read(FAULTMASK)]).toEqual([1, 0]);
    cps(true, 'f');
    cps(false, 'i');
    expect([read(PRIMASK), read(FAULTMASK)]).toEqual([0, 1]);
    cps(false, 'if');
    expect([read(PRIMASK), read(FAULTMASK)]).toEqual([0, 0]);
  });

  it('does nothing unprivileged', () => {
    write(CONTROL, 1);
    cps(true, 'if');
    expect([state.x[X.PRIMASK], state.x[X.FAULTMASK]]).toEqual([0, 0]);
  });

  it('does not set FAULTMASK from HardFault and NMI', () => {
    for (const exception of [2, 3]) {
      state.x[X.IPSR] = exception;
      cps(true, 'f');
      expect(read(FAULTMASK)).toBe(0);
    }
  });
});
