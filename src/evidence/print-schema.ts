/** `npm run schema`: writes the JSON schema of what is signed from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PROMOTION_PREDICATE, promotionPredicate } from './record-predicate.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What belongs where, relative to the repository. A test compares it with what lies there. */
export function generatedSchemas(): Readonly<Record<string, string>> {
  const schema = z.toJSONSchema(promotionPredicate, { io: 'input', target: 'draft-7' });
  const named = { ...schema, $id: PROMOTION_PREDICATE, title: 'Record of a promotion of Sluice' };
  return { 'schema/promotion-record.schema.json': `${JSON.stringify(named, null, 2)}\n` };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedSchemas())) {
    writeFileSync(`${root}${path}`, text);
    process.stdout.write(`${path} written\n`);
  }
}
