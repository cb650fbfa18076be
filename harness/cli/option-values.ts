/**
 * Values of options, as commander hands them over: text. Each parser accepts one kind and refuses the rest
 * with a UserError that names the option, the value, the rule and what to type.
 */
import { type AllocatorNames, UserError } from '../../emulator/index.js';

export interface IntegerRule {
  readonly min: number;
  readonly max?: number;
}

/** For commander's option(): an integer, decimal or 0x hexadecimal, underscores allowed between digits. */
export function integerOption(option: string, { min, max = Number.MAX_SAFE_INTEGER }: IntegerRule) {
  return (text: string): number => {
    const digits = text.replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, '');
    const value = /^(-?\d+|0x[0-9a-fA-F]+)$/.test(digits) ? Number(digits) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    // The bound that nobody meets is told to who meets it.
    const bounded = max !== Number.MAX_SAFE_INTEGER || value > max;
    const range = bounded ? `from ${min} to ${max}` : `of ${min} or more`;
    throw optionError(option, text, `must be an integer ${range}`, `give for example ${option} ${min}`);
  };
}

/** For commander's option(): a finite decimal number above a bound. */
export function numberOption(option: string, rule: { readonly above: number }) {
  return (text: string): number => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && value > rule.above) return value;
    throw optionError(
      option,
      text,
      `must be a finite number above ${rule.above}`,
      `give for example ${option} 0.01`,
    );
  };
}

/** For commander's option(): one of a few words. */
export function choiceOption<const T extends string>(option: string, choices: readonly [T, ...T[]]) {
  return (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw optionError(
      option,
      text,
      `must be one of ${choices.join(', ')}`,
      `give for example ${option} ${choices[0]}`,
    );
  };
}

export function optionError(option: string, value: string, rule: string, fix: string): UserError {
  return new UserError({
    code: 'option-value',
    what: `option ${option}`,
    got: value === '' ? 'empty' : value,
    expected: rule,
    fix,
  });
}

export interface InputRule {
  readonly channels: number;
  readonly minLength: number;
  readonly maxLength: number;
}

/** For commander's option(): the size of a window, samples x channels (`20x3`). Gives the samples. */
export function inputOption(option: string, { channels, minLength, maxLength }: InputRule) {
  return (text: string): number => {
    const match = /^(\d{1,6})x(\d{1,6})$/.exec(text);
    const length = Number(match?.[1]);
    const fits = Number(match?.[2]) === channels && length >= minLength && length <= maxLength;
    if (fits) return length;
    const rule = `must be samples x channels, ${minLength} to ${maxLength} x ${channels}`;
    throw optionError(option, text, rule, `give for example ${option} 20x${channels}`);
  };
}

/** For commander's option(), which may be given several times: two symbols, `allocate:release`. */
export function allocatorOption(option: string) {
  return (text: string, before: readonly AllocatorNames[] = []): AllocatorNames[] => {
    const [, allocate, release] = /^([A-Za-z_$.][\w$.]*):([A-Za-z_$.][\w$.]*)$/.exec(text) ?? [];
    if (allocate !== undefined && release !== undefined) return [...before, { allocate, release }];
    const rule = 'must be two symbols with a colon between them';
    throw optionError(option, text, rule, `give for example ${option} pvPortMalloc:vPortFree`);
  };
}
