/** Puts functions together into the bytes of a module that imports memory, a table and host functions. */
import { TYPE_CODE, unsigned, type WasmType } from './wasm-encoding.js';

export interface WasmSignature {
  readonly parameters: readonly WasmType[];
  readonly results: readonly WasmType[];
}

export interface WasmImport {
  readonly name: string;
  readonly type: number;
}

export interface WasmModuleParts {
  /** Types are named by their place here. */
  readonly types: readonly WasmSignature[];
  /** Of the module `environment`; functions are numbered from here on. */
  readonly imports: readonly WasmImport[];
  readonly functions: readonly { readonly name: string; readonly type: number; readonly body: Uint8Array }[];
  /** Pages of `environment.memory`: its size and limit. */
  readonly memoryPages: number;
}

const MODULE = 'environment';
const FUNCTION_REFERENCE = 0x70;

const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

const signatureBytes = ({ parameters, results }: WasmSignature): number[] => [
  0x60,
  ...vector(parameters.map((type) => [TYPE_CODE[type]])),
  ...vector(results.map((type) => [TYPE_CODE[type]])),
];

/** The module's bytes; it imports `memory` and `table` too, and exports its functions by their names. */
export function moduleBytes({ types, imports, functions, memoryPages }: WasmModuleParts): Uint8Array {
  const pages = unsigned(memoryPages);
  const imported = [
    [...text(MODULE), ...text('memory'), 2, 1, ...pages, ...pages],
    [...text(MODULE), ...text('table'), 1, FUNCTION_REFERENCE, 0, 1],
    ...imports.map(({ name, type }) => [...text(MODULE), ...text(name), 0, ...unsigned(type)]),
  ];
  const exported = functions.map(({ name }, k) => [...text(name), 0, ...unsigned(imports.length + k)]);
  const head = [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types.map(signatureBytes))),
    ...section(2, vector(imported)),
    ...section(3, vector(functions.map(({ type }) => unsigned(type)))),
    ...section(7, vector(exported)),
  ];
  const count = unsigned(functions.length);
  const size = functions.reduce((sum, { body }) => sum + body.length, count.length);
  const codeHead = [10, ...unsigned(size), ...count];
  const bytes = new Uint8Array(head.length + codeHead.length - count.length + size);
  bytes.set(head);
  bytes.set(codeHead, head.length);
  let to = head.length + codeHead.length;
  for (const { body } of functions) {
    bytes.set(body, to);
    to += body.length;
  }
  return bytes;
}
