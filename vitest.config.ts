import { defineConfig } from 'vitest/config';

/** Tests mirror the tree; the last line of a run is `N passed, N failed` (test/reporter.ts). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/reporter.ts'],
    passWithNoTests: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
