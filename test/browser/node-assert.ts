/** Node's `assert`, as far as elfy uses it: a bundle for the browser gets this in its place. */
export function equal(got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${String(got)} should be ${String(wanted)}`);
}
