/** A file of what may differ: a list of `path` and `reason`. Every problem at once. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../domain/error-code.ts';
import type { Ignored } from './ignored.ts';

const shape = z.array(
  z.strictObject({
    path: z.string().regex(/^(\/[^/]+)+$/, 'expected a JSON Pointer such as /spec/template/metadata/labels'),
    reason: z.string().min(3, 'expected why it may differ'),
  }),
);

export function readIgnored(
  path: string,
  text: string,
): { readonly ignored: readonly Ignored[]; readonly problems: readonly Problem[] } {
  const document = parseDocument(text);
  const [error] = document.errors;
  const remedy = 'write a list of "- { path: /spec/…, reason: … }"';
  if (error !== undefined)
    return { ignored: [], problems: [{ where: path, message: error.message.split('\n')[0] ?? '', remedy }] };
  const read = shape.safeParse(document.toJS() ?? []);
  if (read.success) return { ignored: read.data, problems: [] };
  const problems = read.error.issues.map((issue) => ({
    where: `${path}: ${issue.path.join('.')}`,
    message: issue.message,
    remedy,
  }));
  return { ignored: [], problems };
}
