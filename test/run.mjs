/**
 * `npm test`: sets up the clone and the witnesses, then runs every test (formatting, lint and type check are
 * tests too). Arguments go to vitest. The last line of output is always `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

const ready = run(process.execPath, ['setup.mjs']) === 0 && run('sh', ['test/install-witnesses.sh']) === 0;
if (ready) {
  process.exitCode = run(process.execPath, [vitest, 'run', ...process.argv.slice(2)]);
} else {
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 1;
}
