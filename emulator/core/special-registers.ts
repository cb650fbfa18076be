/** MRS, MSR and CPS: the special registers by SYSm (DDI 0403, B5.2). */
import { type CoreState, word, X } from './state.js';

/** IPSR, APSR and EPSR in any combination; EPSR reads as zero. */
function readXPSR(state: CoreState, SYSm: number): number {
  const ipsr = SYSm & 1 ? word(state.x, X.IPSR) : 0;
  const apsr = SYSm & 4 ? 0 : state.apsr;
  return ipsr | apsr;
}

/** Unprivileged reads of the rest give 0 (B5.2.2). */
export function readSpecial(state: CoreState, SYSm: number): number {
  const { x } = state;
  if (SYSm < 8) return SYSm === 4 ? 0 : readXPSR(state, SYSm);
  if (SYSm === 20) return word(x, X.CONTROL);
  if (!state.privileged) return 0;
  switch (SYSm) {
    case 8:
      return state.msp;
    case 9:
      return state.psp;
    case 16:
      return word(x, X.PRIMASK);
    case 17:
    case 18:
      return word(x, X.BASEPRI);
    case 19:
      return word(x, X.FAULTMASK);
    default:
      return 0;
  }
}

/** MSR APSR: mask bit 1 writes NZCVQ, bit 0 GE. */
function writeAPSR(state: CoreState, mask: number, value: number): void {
  const old = state.apsr;
  const written = (mask & 2 ? 0xf8000000 : 0) | (mask & 1 ? 0x000f0000 : 0);
  state.apsr = (old & ~written) | (value & written);
}

/** CONTROL: SPSEL is writable in Thread mode only. */
function writeCONTROL(state: CoreState, value: number): void {
  const before = state.onProcessStack;
  const writable = state.handlerMode ? 5 : 7;
  state.x[X.CONTROL] = (word(state.x, X.CONTROL) & ~writable) | (value & writable);
  state.selectStack(before);
}

/** @param priorityMask the implemented bits of a priority, as in 0xf0 */
export function writeSpecial(
  state: CoreState,
  priorityMask: number,
  SYSm: number,
  mask: number,
  value: number,
): void {
  const { x } = state;
  if (SYSm < 4) writeAPSR(state, mask, value);
  if (!state.privileged) return;
  const priority = value & priorityMask;
  switch (SYSm) {
    case 8:
      state.setMSP(value);
      break;
    case 9:
      state.setPSP(value);
      break;
    case 16:
      x[X.PRIMASK] = value & 1;
      break;
    case 17:
      x[X.BASEPRI] = priority;
      break;
    case 18:
      if (priority !== 0 && (word(x, X.BASEPRI) === 0 || priority < word(x, X.BASEPRI)))
        x[X.BASEPRI] = priority;
      break;
    case 19:
      x[X.FAULTMASK] = word(x, X.IPSR) === 2 ? 0 : value & 1;
      break;
    case 20:
      writeCONTROL(state, value);
      break;
  }
}

/** CPS: privileged only, and not FAULTMASK from HardFault or NMI. */
export function changeProcessorState(
  state: CoreState,
  disable: boolean,
  primask: boolean,
  faultmask: boolean,
): void {
  const { x } = state;
  if (!state.privileged) return;
  if (primask) x[X.PRIMASK] = disable ? 1 : 0;
  if (!faultmask) return;
  const critical = word(x, X.IPSR) === 2 || word(x, X.IPSR) === 3;
  if (!disable || !critical) x[X.FAULTMASK] = disable ? 1 : 0;
}
