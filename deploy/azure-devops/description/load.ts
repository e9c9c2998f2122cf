/** From YAML to a description, or every problem at once. `${NAME}` is taken from the environment that is handed in. */
import { LineCounter, parseDocument } from 'yaml';
import { descriptionSchema, type Description } from './schema.ts';
import { breaches, type Problem } from './rules.ts';

const SECRET_KEY = /(key|secret|password|token|pat)$/i;

export class DescriptionError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((one) => `${one.at}: ${one.says}`).join('\n'));
    this.name = 'DescriptionError';
    this.problems = problems;
  }
}

/** Throws DescriptionError with all problems: first those of YAML, then schema and rules together as far as they can be told. */
export function readDescription(text: string, env: Readonly<Record<string, string | undefined>>): Description {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0)
    throw new DescriptionError(
      document.errors.map((error) => ({
        at: `line ${lines.linePos(error.pos[0]).line}`,
        says: error.message.split('\n')[0]!,
      })),
    );
  const missing: Problem[] = [];
  const filled = fill(document.toJS({ maxAliasCount: 20 }), '', env, missing);
  const parsed = descriptionSchema.safeParse(filled);
  if (!parsed.success) {
    const told = new Set(missing.map((one) => one.at));
    const issues = parsed.error.issues.flatMap((issue) => issueSays(issue)).filter((one) => !told.has(one.at));
    throw new DescriptionError([...missing, ...issues]);
  }
  const problems = [...missing, ...breaches(parsed.data)];
  if (problems.length > 0) throw new DescriptionError(problems);
  return parsed.data;
}

function fill(
  value: unknown,
  at: string,
  env: Readonly<Record<string, string | undefined>>,
  missing: Problem[],
): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (whole, name: string) => {
      const found = env[name];
      if (found !== undefined && found !== '') return found;
      missing.push({ at, says: `the environment variable ${name} is not set` });
      return whole;
    });
  if (Array.isArray(value)) return value.map((one, index) => fill(one, `${at}[${index}]`, env, missing));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, fill(one, at === '' ? name : `${at}.${name}`, env, missing)]),
  );
}

function issueSays(issue: { code?: string; message: string; path: PropertyKey[]; keys?: string[] }): Problem[] {
  const at = place(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ at: at === '' ? 'the file' : at, says: issue.message }];
  return (issue.keys ?? []).map((name) => ({
    at: at === '' ? name : `${at}.${name}`,
    says: SECRET_KEY.test(name)
      ? 'no secret belongs here: connections are federated, groups name secrets of a Key Vault; remove it and revoke what it held'
      : 'is not known here: see schema/project.schema.json',
  }));
}

const place = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (so, step) => (typeof step === 'number' ? `${so}[${step}]` : so === '' ? String(step) : `${so}.${String(step)}`),
    '',
  );
