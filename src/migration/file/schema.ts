/** The JSON schema of `migration.yaml`, for editors and for messages. */
import { z } from 'zod';
import type { SchemaNode } from '../../config/schema-document.ts';
import { writtenMigration } from './written.ts';

export function migrationSchema(): SchemaNode & Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(writtenMigration, { io: 'input', target: 'draft-7' }) as SchemaNode;
  return { ...schema, title: 'migration.yaml', description: 'Services on their way from legacy to Sluice.' };
}
