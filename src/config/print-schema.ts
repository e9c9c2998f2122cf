/** `npm run schema`: writes the JSON schema and the documentation of `sluice.yaml` from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './configuration-page.ts';
import { schemaDocument } from './schema-document.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What belongs where, relative to the repository. A test compares it with what lies there. */
export function generated(): Readonly<Record<string, string>> {
  return {
    'schema/sluice.schema.json': `${JSON.stringify(schemaDocument(), null, 2)}\n`,
    'docs/configuration.md': configurationPage(schemaDocument()),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) {
    writeFileSync(`${root}${path}`, text);
    process.stdout.write(`${path} written\n`);
  }
}
