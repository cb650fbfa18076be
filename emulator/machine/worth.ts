/**
 * Whether entering translated code pays: it costs as much as the interpreter takes for a few dozen instructions.
 * Code that is left as soon as it is entered is the interpreter's for a while.
 */

/** Entries after which it is decided. */
const ENTRIES = 2000;
/** Instructions of an entry that make it worth while. */
const LEAST = 40;
/** Instructions until it is tried again: at first, and at most. */
const FIRST_PAUSE = 500_000;
const LONGEST_PAUSE = 64_000_000;

export class Worth {
  private entries = 0;
  private retired = 0;
  private pause = FIRST_PAUSE;
  private until = 0;

  /** @param now instructions retired so far */
  mayEnter(now: number): boolean {
    // A reset counts instructions anew.
    return now >= this.until || now < this.until - LONGEST_PAUSE;
  }

  /** Code was entered, and ran so many instructions. */
  entered(retired: number, now: number): void {
    this.entries++;
    this.retired += retired;
    if (this.entries < ENTRIES) return;
    if (this.retired < LEAST * this.entries) {
      this.until = now + this.pause;
      this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    } else {
      this.pause = FIRST_PAUSE;
    }
    this.entries = this.retired = 0;
  }
}
