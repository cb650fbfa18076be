/**
 * ValidateAddress() and CheckPermission() of DDI 0403 (B3.5.3), as the manual has them: what the MPU is held
 * against. It shares nothing with emulator/core.
 */
export interface MpuSetting {
  readonly privilegedDefault: boolean;
  /** [RBAR, RASR], region 0 first. */
  readonly regions: readonly (readonly [rbar: number, rasr: number])[];
}

export type AccessKind = 'read' | 'write' | 'execute';

const NO = '';
const READ = 'r';
const BOTH = 'rw';
/** By AP: [privileged, unprivileged]. */
const PERMISSIONS: readonly (readonly [string, string])[] = [
  [NO, NO],
  [BOTH, NO],
  [BOTH, READ],
  [BOTH, BOTH],
  [NO, NO],
  [READ, NO],
  [READ, READ],
  [READ, READ],
];

/** Bits high:low of a word. */
const bits = (word: number, high: number, low: number): number =>
  Math.floor((word >>> 0) / 2 ** low) % 2 ** (high - low + 1);

export function oracleAllows(
  setting: MpuSetting,
  address: number,
  kind: AccessKind,
  privileged: boolean,
): boolean {
  const systemSpace = bits(address, 31, 29) === 7;
  const defaultNever =
    (address >= 0x40000000 && address < 0x60000000) || (address >= 0xa0000000 && address < 2 ** 32);
  if (bits(address, 31, 20) === 0xe00) return kind !== 'execute';
  let permission: string | undefined;
  let never = false;
  setting.regions.forEach(([rbar, rasr]) => {
    if (bits(rasr, 0, 0) === 0) return;
    const size = bits(rasr, 5, 1);
    const top = (word: number): number => Math.floor((word >>> 0) / 2 ** (size + 1));
    if (top(address) !== top(rbar)) return;
    const subregion = size >= 7 ? bits(address, size, size - 2) : 0;
    if (size >= 7 && bits(rasr, 8 + subregion, 8 + subregion) === 1) return;
    permission = PERMISSIONS[bits(rasr, 26, 24)]?.[privileged ? 0 : 1];
    never = bits(rasr, 28, 28) === 1 || systemSpace;
  });
  if (permission === undefined) {
    if (!setting.privilegedDefault || !privileged) return false;
    permission = BOTH;
    never = defaultNever;
  }
  if (kind === 'execute') return permission.includes('r') && !never;
  return permission.includes(kind === 'read' ? 'r' : 'w');
}
