/** Writes project.schema.json for editors; a test keeps it in step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { descriptionSchema } from './schema.ts';

/** The published text of the schema (JSON Schema 2020-12). */
export const schemaText = (): string =>
  `${JSON.stringify(z.toJSONSchema(descriptionSchema, { io: 'input' }), null, 2)}\n`;

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'schema', 'project.schema.json'), schemaText());
