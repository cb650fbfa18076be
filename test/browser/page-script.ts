/**
 * The whole emulator, and what the test's page does with it: it runs the programs that the page holds and
 * leaves what came of them in the document. Under Node, where there is no page, it is a module to import.
 */
import { type ProgramRun, type ProgramText, runProgram } from './run-programs.js';

export * from '../../emulator/index.js';
export { runProgram } from './run-programs.js';

/** What stands in the document, encoded so that nothing in it is an entity of HTML: the runs, or an error. */
export type Told = readonly ProgramRun[] | string;

/** What the script uses of the page. */
interface Page {
  readonly programs: readonly ProgramText[];
  readonly document?: { readonly body: { textContent: string } };
}

function tell(programs: readonly ProgramText[]): Told {
  try {
    return programs.map(runProgram);
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
}

const { document, programs } = globalThis as unknown as Page;
if (document !== undefined) {
  document.body.textContent = `[[${encodeURIComponent(JSON.stringify(tell(programs)))}]]`;
}
