/**
 * Figures of a long check, for test/conformance/RESULTS.md. A test notes what it counted; without
 * M4LAB_FIGURES, the file that `npm run conformance` names, nothing is kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Adds `value` under `name`, or to what stands there. */
export function noteFigure(name: string, value: number): void {
  const file = process.env.M4LAB_FIGURES;
  if (file === undefined) return;
  const figures = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  writeFileSync(file, JSON.stringify({ ...figures, [name]: (figures[name] ?? 0) + value }, undefined, 2));
}
