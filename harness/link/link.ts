/**
 * The host's side of the link: finds the control block by its symbol, writes arguments and data, gives
 * commands, and turns a refusal into an error with its name. It knows no emulator; see target.ts.
 */
import { type ElfImage, type ElfSymbol, UserError } from '../../emulator/index.js';
import {
  LINK_BYTES,
  LINK_COMMANDS,
  LINK_MAGIC,
  LINK_MODES,
  LINK_OFFSETS,
  LINK_REFUSALS,
  LINK_VERSION,
  type LinkCommand,
  type LinkField,
} from './link-block.js';
import { type Target, TargetStopped } from './target.js';

/** The symbols that firmware on the link has. */
export const LINK_SYMBOL = 'm4lab_link';
export const WAIT_SYMBOL = 'm4lab_link_wait';

export interface LinkConfiguration {
  /** Time steps of a window. */
  readonly windowLength: number;
  readonly mode: keyof typeof LINK_MODES;
  /** Windows that one command can carry. */
  readonly batchCapacity: number;
  readonly learningRate: number;
}

/**
 * Sizes that the host expects after CONFIGURE; a firmware of another network has others. All in float32
 * elements.
 */
export interface LinkSizes {
  readonly parameters: number;
  readonly gradients: number;
  readonly window: number;
  readonly classes: number;
}

/** The symbol, or a UserError that says what the ELF lacks. */
export function requireSymbol(elf: ElfImage, name: string, purpose: string): ElfSymbol {
  const symbol = elf.symbol(name);
  if (symbol !== undefined) return symbol;
  throw new UserError({
    code: 'link-symbol-missing',
    what: `${elf.name}: symbol ${name}`,
    expected: `is missing, but ${purpose} by it`,
    fix: 'give firmware that includes m4lab_link.h, not stripped',
  });
}

export class Link {
  readonly #block: number;
  #capacity = 0;
  #window = 0;
  #classes = 0;

  constructor(
    readonly elf: ElfImage,
    readonly target: Target,
  ) {
    this.#block = requireSymbol(elf, LINK_SYMBOL, 'the link is found').address;
  }

  /** Runs to the first wait and checks magic and version. UserError naming the field and its value. */
  connect(): void {
    this.target.runUntilWaiting();
    const rule = (value: number) => `must be 0x${value.toString(16)}`;
    const { magic, version } = this.#read();
    const fix = 'give firmware built with this m4lab_link.h';
    if (magic !== LINK_MAGIC) throw this.#blockError('magic', magic, rule(LINK_MAGIC), fix);
    if (version !== LINK_VERSION) throw this.#blockError('version', version, rule(LINK_VERSION), fix);
  }

  /**
   * CONFIGURE. UserError by the name of the firmware's refusal, or where its buffers have other sizes than
   * expected. Returns the bytes of its arena that the firmware says it uses.
   */
  configure(configuration: LinkConfiguration, sizes: LinkSizes): number {
    const { windowLength, mode, batchCapacity, learningRate } = configuration;
    this.#writeWord('windowLength', windowLength);
    this.#writeWord('mode', LINK_MODES[mode]);
    this.#writeWord('batchCapacity', batchCapacity);
    this.#writeFloat('learningRate', learningRate);
    this.#command('configure');
    const block = this.#read();
    const expected: Partial<Record<LinkField, number>> = {
      parametersBytes: sizes.parameters * 4,
      gradientsBytes: sizes.gradients * 4,
      windowsBytes: batchCapacity * sizes.window * 4,
      labelsBytes: batchCapacity * 4,
      probabilitiesBytes: batchCapacity * sizes.classes * 4,
    };
    for (const [field, bytes] of Object.entries(expected) as [LinkField, number][]) {
      if (block[field] === bytes) continue;
      throw this.#blockError(field, block[field], `must be ${bytes}`, 'give firmware of this network');
    }
    this.#capacity = batchCapacity;
    this.#window = sizes.window;
    this.#classes = sizes.classes;
    return block.arenaBytes;
  }

  /** TRAIN_BATCH on these windows. Returns the mean loss, as its float32's bits say. */
  trainBatch(windows: readonly Float32Array[], labels: readonly number[]): number {
    return this.#batch('trainBatch', windows, labels);
  }

  /** EVALUATE these windows. Returns the mean loss. */
  evaluate(windows: readonly Float32Array[], labels: readonly number[]): number {
    return this.#batch('evaluate', windows, labels);
  }

  /** EXIT. Returns the guest's exit status, or undefined where the target cannot see it. */
  exit(): number | undefined {
    this.#writeWord('command', LINK_COMMANDS.exit);
    try {
      this.target.runUntilWaiting();
    } catch (error) {
      if (error instanceof TargetStopped && error.kind === 'exit') return error.code;
      throw error;
    }
    return undefined;
  }

  /** The whole parameter vector. */
  readParameters(): Float32Array {
    return this.#readFloats('parameters', 'parametersBytes');
  }

  writeParameters(values: Float32Array): void {
    this.target.writeBytes(this.#read().parameters, floatBytes(values));
  }

  /** Gradients of the last batch trained: the trained parameters', in the order of the parameter vector. */
  readGradients(): Float32Array {
    return this.#readFloats('gradients', 'gradientsBytes');
  }

  /** Probabilities of the first `count` windows of the last command. */
  readProbabilities(count: number): Float32Array {
    return this.#readFloats('probabilities', 'probabilitiesBytes').subarray(0, count * this.#classes);
  }

  #batch(command: LinkCommand, windows: readonly Float32Array[], labels: readonly number[]): number {
    const count = windows.length;
    if (count !== labels.length || count < 1 || count > this.#capacity) {
      throw new RangeError(`${count} windows with ${labels.length} labels, capacity ${this.#capacity}`);
    }
    if (windows.some((window) => window.length !== this.#window)) {
      throw new RangeError(`a window does not have ${this.#window} elements`);
    }
    const all = new Float32Array(count * this.#window);
    windows.forEach((window, i) => {
      all.set(window, i * this.#window);
    });
    const block = this.#read();
    this.target.writeBytes(block.windows, floatBytes(all));
    this.target.writeBytes(block.labels, wordBytes(labels));
    this.#writeWord('count', count);
    this.#command(command);
    return this.#readBlock().getFloat32(LINK_OFFSETS.loss, true);
  }

  #command(command: LinkCommand): void {
    this.#writeWord('command', LINK_COMMANDS[command]);
    this.target.runUntilWaiting();
    const block = this.#read();
    const status = block.status | 0;
    if (status === 0) return;
    const refusal = LINK_REFUSALS[status];
    if (refusal === undefined) {
      throw this.#blockError('status', status, 'is no status of this link', 'use firmware whose link works');
    }
    const { name, field, rule, fix } = refusal;
    const code = `link-${name.toLowerCase().replaceAll('_', '-')}`;
    const value = { labels: '', status: ` ${status}` }[field as string] ?? ` ${block[field]}`;
    throw new UserError({
      code,
      what: `${this.elf.name} refused ${command} with ${name}: ${field}${value}`,
      expected: rule,
      fix,
    });
  }

  #blockError(field: LinkField, value: number, expected: string, fix: string): UserError {
    const shown = field === 'magic' ? `0x${value.toString(16).padStart(8, '0')}` : String(value);
    const what = `${this.elf.name}: ${LINK_SYMBOL}.${field}`;
    return new UserError({ code: `link-${field.toLowerCase()}`, what, got: shown, expected, fix });
  }

  #readBlock(): DataView {
    const bytes = this.target.readBytes(this.#block, LINK_BYTES);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Every word of the block, unsigned. */
  #read(): Record<LinkField, number> {
    const view = this.#readBlock();
    const words = Object.entries(LINK_OFFSETS).map(([field, at]) => [field, view.getUint32(at, true)]);
    return Object.fromEntries(words) as Record<LinkField, number>;
  }

  #readFloats(address: LinkField, bytes: LinkField): Float32Array {
    const block = this.#read();
    const copy = this.target.readBytes(block[address], block[bytes]);
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    const words = Uint32Array.from({ length: copy.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
    return new Float32Array(words.buffer);
  }

  #writeWord(field: LinkField, value: number): void {
    this.target.writeBytes(this.#block + LINK_OFFSETS[field], wordBytes([value]));
  }

  #writeFloat(field: LinkField, value: number): void {
    this.target.writeBytes(this.#block + LINK_OFFSETS[field], floatBytes(Float32Array.of(value)));
  }
}

/** Little-endian, by bits: a NaN keeps its payload. */
function floatBytes(values: Float32Array): Uint8Array {
  return wordBytes(new Uint32Array(values.buffer, values.byteOffset, values.length));
}

function wordBytes(words: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  for (let i = 0; i < words.length; i++) view.setUint32(i * 4, words[i] as number, true);
  return new Uint8Array(view.buffer);
}
