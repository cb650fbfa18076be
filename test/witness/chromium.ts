/** A page in headless Chromium: what the document holds once its scripts have run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, scratchFolder, type Tool } from './tool.js';

const CHROMIUM: Tool = { program: 'chromium', debianPackage: 'chromium' };
/** Host time until a page counts as hung. */
const TIMEOUT_MS = 90_000;

/**
 * No sandbox, because root and many containers cannot have one, and the page is ours. No name is resolved
 * and no shared memory file is used, which is too small in many containers.
 */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

let pages = 0;

/**
 * The document of a page, as HTML, when its load event has been handled; scripts in it run before that.
 * Throws MissingWitness without Chromium.
 */
export function loadPage(html: string): string {
  const page = join(scratchFolder(), `page-${pages++}.html`);
  writeFileSync(page, html);
  const profile = `--user-data-dir=${join(scratchFolder(), 'chromium')}`;
  const { stdout, stderr, status } = runTool(
    CHROMIUM,
    [...FLAGS, profile, '--dump-dom', `file://${page}`],
    TIMEOUT_MS,
  );
  if (status !== 0) throw new Error(`${CHROMIUM.program} exited with ${status}: ${stderr}`);
  return stdout;
}
