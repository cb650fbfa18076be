/** The Makefile's promises: shipped ELFs are the sources' bytes, and no other compiler builds them. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { make, scratchDirectory } from './toolchain.js';

test('every shipped ELF is byte for byte what the sources give', () => {
  const outcome = make('check-prebuilt');
  expect(outcome.stderr).toBe('');
  expect(outcome.stdout).toContain("8 ELFs are the sources' bytes");
  expect(outcome.status).toBe(0);
});

test('another compiler version is refused by name', () => {
  const directory = scratchDirectory();
  const compiler = join(directory, 'other-gcc');
  writeFileSync(compiler, '#!/bin/sh\necho "other-gcc (13.2.rel1) 13.2.1 20231009"\n');
  chmodSync(compiler, 0o755);
  const outcome = make(`BUILD=${directory}/build`, `CROSS=${directory}/other-`, 'all');
  expect(outcome.status).toBe(2);
  expect(outcome.stderr).toContain("'other-gcc (13.2.rel1) 13.2.1 20231009'");
  expect(outcome.stderr).toContain('12.2.rel1');
});
