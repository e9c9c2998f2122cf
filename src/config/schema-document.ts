/** The JSON schema of `sluice.yaml`, for editors, for the documentation and for messages. */
import { z } from 'zod';
import { writtenConfig } from './written.ts';
import type { Path } from './document.ts';

export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly deprecated?: boolean;
}

export function schemaDocument(): SchemaNode & Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(writtenConfig, { io: 'input', target: 'draft-7' }) as SchemaNode;
  return { ...schema, title: 'sluice.yaml', description: 'Configuration of Sluice.' };
}

/** Every schema that may describe `path`: several where the grammar offers a choice. */
export type SchemasAt = (path: Path) => readonly SchemaNode[];

/** Of `sluice.yaml`. */
export const schemasAt: SchemasAt = (path) => schemasIn(schemaDocument())(path);

/** Of the file that this schema describes. */
export function schemasIn(root: SchemaNode): SchemasAt {
  return (path) =>
    path.reduce<readonly SchemaNode[]>((nodes, part) => nodes.flatMap((node) => stepInto(node, part)), choices(root));
}

function stepInto(node: SchemaNode, part: PropertyKey): readonly SchemaNode[] {
  if (typeof part === 'number') return node.items === undefined ? [] : choices(node.items);
  const property = node.properties?.[String(part)];
  if (property !== undefined) return choices(property);
  return typeof node.additionalProperties === 'object' ? choices(node.additionalProperties) : [];
}

function choices(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf === undefined ? [node] : node.anyOf.map((one) => withDescription(one, node.description));
}

function withDescription(node: SchemaNode, description: string | undefined): SchemaNode {
  return node.description !== undefined || description === undefined ? node : { ...node, description };
}
