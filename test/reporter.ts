/**
 * Ends a test run with the line `N passed, N failed`. A skipped test counts as failed, and so does a file
 * that does not load, an error outside a test, or a run of no tests: what was not checked is not green. It
 * stands beside vitest's default reporter, which shows the tests themselves.
 */
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** @param skipsAllowed true when the caller chose tests by name, so that the rest was left out on purpose */
export function tally(modules: readonly TestModule[], errors: number, skipsAllowed: boolean): Tally {
  let passed = 0;
  let failed = errors;
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed++;
      else if (!(state === 'skipped' && skipsAllowed)) failedHere++;
    }
    const broken = module.state() === 'failed' && failedHere === 0;
    failed += broken ? 1 : failedHere;
  }
  return passed + failed === 0 ? { passed, failed: 1 } : { passed, failed };
}

export default class TallyReporter implements Reporter {
  private skipsAllowed = false;
  /** Until a run has ended nothing has passed: a crash of the runner reads as a failure. */
  private result: Tally = { passed: 0, failed: 1 };

  onInit(vitest: Vitest): void {
    this.skipsAllowed = vitest.config.testNamePattern !== undefined;
    process.on('exit', () => {
      const { passed, failed } = this.result;
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
      if (failed > 0) process.exitCode = 1;
    });
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.result = tally(modules, errors.length, this.skipsAllowed);
    if (this.result.failed > 0) process.exitCode = 1;
  }
}
