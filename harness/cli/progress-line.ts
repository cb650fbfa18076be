/**
 * What a long command tells while it runs, on stderr: one line that updates itself on a terminal, elsewhere
 * a plain line whenever something new begins. Results never go this way.
 */

/** Between two updates of the line on a terminal. */
const UPDATE_MS = 100;

export class ProgressLine {
  readonly #started = Date.now();
  #shown = 0;
  #topic = '';
  #width = 0;

  constructor(readonly stream: NodeJS.WriteStream = process.stderr) {}

  /**
   * @param topic what is going on; elsewhere than on a terminal only a new topic is printed
   * @param share done, from 0 to 1
   */
  update(topic: string, share: number): void {
    const now = Date.now();
    if (!this.stream.isTTY) {
      if (topic !== this.#topic) this.stream.write(`m4lab: ${topic}\n`);
      this.#topic = topic;
      return;
    }
    if (topic === this.#topic && now - this.#shown < UPDATE_MS) return;
    this.#topic = topic;
    this.#shown = now;
    const percent = String(Math.floor(share * 100)).padStart(3);
    const text = `${percent} %  ${topic}  ${((now - this.#started) / 1000).toFixed(0)} s`;
    this.stream.write(`\r${text.padEnd(this.#width)}`);
    this.#width = text.length;
  }

  /** Clears the line; the next update begins a new one. */
  clear(): void {
    if (this.stream.isTTY && this.#width > 0) this.stream.write(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
    this.#topic = '';
  }
}
