/** Node's `util`, as far as elfy uses it: a bundle for the browser gets this in its place. */
type Constructor = (...args: never) => unknown;

export function inherits(child: Constructor, parent: Constructor): void {
  Object.setPrototypeOf(child.prototype, parent.prototype);
}
