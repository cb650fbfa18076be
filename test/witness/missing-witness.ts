/** The error of a witness that is not installed. A test that meets it fails, it never skips. */
export class MissingWitness extends Error {
  /** `tool`: what was looked for, `debianPackage`: what provides it, `detail`: what the system said. */
  constructor(tool: string, debianPackage: string, detail: string) {
    super(
      `${tool} is needed as a witness and could not be used (${detail}); apt-get install ${debianPackage}`,
    );
    this.name = 'MissingWitness';
  }
}
