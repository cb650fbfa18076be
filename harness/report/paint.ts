/** Colours by what they mean. The command line hands in a terminal's; `plain` is for files and tests. */

type Painter = (text: string) => string;

export interface Paint {
  readonly good: Painter;
  readonly bad: Painter;
  readonly doubtful: Painter;
  readonly strong: Painter;
}

const same: Painter = (text) => text;

export const plain: Paint = { good: same, bad: same, doubtful: same, strong: same };
