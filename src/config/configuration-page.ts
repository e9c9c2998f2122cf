/** `docs/configuration.md`, from the schema. */
import type { SchemaNode } from './schema-document.ts';

const INTRODUCTION = `# Configuration

<!-- Generated from src/config/written.ts by "npm run schema": change it there. -->

\`sluice.yaml\` says where the environments are, whose signatures count, who must agree, and what is released. The schema
for editors is \`schema/sluice.schema.json\`; put this on the first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=./schema/sluice.schema.json
\`\`\`

- Sluice takes the file that \`--config\` names, else the one that \`SLUICE_CONFIG\` names, else \`sluice.yaml\` in the working
  directory or the nearest folder above it.
- Paths in it are relative to the file.
- \`\${NAME}\` is replaced from the environment, in values only, always as text. A variable that is not set is an error; nothing is ever
  taken from elsewhere. Secrets do not belong in this file: workers use their identity.
- All mistakes are reported at once, each with line, column and remedy.
- Temporal is not configured here but by the profile file and the variables of Temporal's own CLI (\`TEMPORAL_ADDRESS\`,
  \`TEMPORAL_NAMESPACE\`, \`TEMPORAL_PROFILE\`, \`TEMPORAL_API_KEY\`, \`TEMPORAL_TLS_*\`, \`TEMPORAL_CONFIG_FILE\`).
- \`SLUICE_USER\` is the name under which you act; without it, whoever is logged in, else the operating system's user. Answers are given as whoever is logged in
  (\`sluice login\`, kept in the file that \`SLUICE_LOGIN\` names, else in \`$XDG_CONFIG_HOME/sluice/login.json\` or below \`~/.config\`): see [security.md](security.md).
`;

export function configurationPage(schema: SchemaNode): string {
  const sections: string[] = [];
  describe('', schema, sections);
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

function describe(path: string, node: SchemaNode, sections: string[]): void {
  if (node.properties !== undefined) {
    sections.push(table(path, node));
    for (const [key, child] of Object.entries(node.properties))
      describe(path === '' ? key : `${path}.${key}`, child, sections);
  }
  if (typeof node.additionalProperties === 'object')
    describe(`${path}.<${nameOf(path)}>`, node.additionalProperties, sections);
  if (node.items !== undefined) describe(`${path}[]`, node.items, sections);
  for (const choice of node.anyOf ?? []) describe(path, choice, sections);
}

function table(path: string, node: SchemaNode): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const required = node.required?.includes(key) === true ? 'yes' : '';
    return `| \`${key}\` | ${typeOf(child)} | ${required} | ${(child.description ?? '').replaceAll(/[|<]/g, '\\$&')} |`;
  });
  const title = path === '' ? '## The whole' : `## \`${path}\`${headlineOf(path, node)}`;
  return `${title}\n\n| key | type | required | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** Alternatives share a path: the first key tells them apart. */
function headlineOf(path: string, node: SchemaNode): string {
  const first = Object.keys(node.properties ?? {})[0];
  return /\.(?:cluster|signatures|signatures\[\]|signers\.<signer>\[\]|gates\[\]|freeze)$/.test(path) &&
    first !== undefined
    ? `, with \`${first}\``
    : '';
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.type === 'array') return node.items === undefined ? 'list' : `list of ${typeOf(node.items)}`;
  if (node.type === 'object') return 'mapping';
  if (node.type === 'integer') return 'whole number';
  return node.type === 'string' ? 'text' : (node.type ?? 'anything');
}

function nameOf(path: string): string {
  if (path === 'services') return 'service';
  if (path.endsWith('signers')) return 'signer';
  if (/approvers$|identity\.groups$/.test(path)) return 'group';
  return /environments$|urls$|namespace$/.test(path) ? 'environment' : 'name';
}
