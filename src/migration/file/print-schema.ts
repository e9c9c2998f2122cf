/** `npm run schema`: writes the JSON schema of `migration.yaml` from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrationSchema } from './schema.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What belongs where, relative to the repository. A test compares it with what lies there. */
export function generatedSchemas(): Readonly<Record<string, string>> {
  return { 'schema/migration.schema.json': `${JSON.stringify(migrationSchema(), null, 2)}\n` };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedSchemas())) {
    writeFileSync(`${root}${path}`, text);
    process.stdout.write(`${path} written\n`);
  }
}
