/**
 * Brings a fresh clone to the point where it runs: npm packages as package-lock.json has them, then a build
 * into dist/. Plain Node without packages, since it runs before there are any. Nothing is installed twice.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const oldestNode = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  fail(`Node is ${process.versions.node}, but must be ${oldestNode.join('.')} or newer; see nodejs.org`);
}

/**
 * npm keeps what it has installed in node_modules/.package-lock.json; optional packages may be absent there.
 */
function packagesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = readPackages(installed);
  return Object.entries(readPackages(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) => {
      if (path === '') return true;
      const found = have[path];
      return found === undefined
        ? optional === true
        : found.version === version && existsSync(join(root, path));
    },
  );
}

/**
 * Not `npm ci`: npm 11 refuses a lock file that lacks the binaries of a platform that the registry in use
 * does not carry. With --no-save, `npm install` takes the lock file's versions and checksums and leaves it as
 * it is.
 */
function installPackages() {
  process.stderr.write('m4lab: installing npm packages\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm install', 'npm', ['install', '--no-save', '--include=dev', ...quiet]);
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function run(what, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) fail(`${what} cannot start: ${error.message}`);
  if (status !== 0) fail(`${what} failed (its message stands above)`);
}

function fail(message) {
  process.stderr.write(`m4lab: ${message}\n`);
  process.exit(2);
}

checkNode();
if (!packagesAreCurrent()) installPackages();
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
run('the build', process.execPath, [compiler, '-p', 'tsconfig.json']);
run('the bundling', process.execPath, ['bundle.mjs']);
