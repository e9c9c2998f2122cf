/**
 * What a simulated container does: the file `sluice/behaviour.json` in its image, so that a bad image is bad wherever it
 * runs. See README.md for the format.
 */
import { z } from 'zod';

export const BEHAVIOUR_PATH = 'sluice/behaviour.json';

const response = z.object({
  status: z.int().min(200).max(599).default(200),
  /** Text is sent as it is, anything else as JSON. */
  body: z.json().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  /** Time until it answers. */
  afterMs: z.number().min(0).default(0),
});

const fields = {
  listen: z.int().min(1).max(65_535),
  responses: z.record(z.string().startsWith('/'), response),
  start: z.object({ afterMs: z.number().min(0).default(0) }),
  fail: z.enum(['crash-loop', 'unready']).nullable(),
  log: z.array(z.string()),
};

const changes = z.object(fields).partial();

const schema = z.object({
  listen: fields.listen.optional(),
  responses: fields.responses.default({}),
  start: fields.start.default({ afterMs: 0 }),
  fail: fields.fail.default(null),
  log: fields.log.default([]),
  when: z.array(changes.extend({ env: z.record(z.string(), z.string()) })).default([]),
});

export type Behaviour = z.infer<typeof schema>;
export type Response = z.infer<typeof response>;

/** An image without the file runs, and listens to nothing. */
export const SILENT: Behaviour = schema.parse({});

/** Parses the file; throws with every problem and its path. */
export function parseBehaviour(text: string): Behaviour {
  const parsed = schema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new Error(`${BEHAVIOUR_PATH}: ${problems.join('; ')}`);
}

/** The behaviour under this environment: each `when` whose variables all have those values changes it, in order. */
export function behaviourUnder(behaviour: Behaviour, env: Readonly<Record<string, string>>): Behaviour {
  let result = behaviour;
  for (const { env: wanted, ...change } of behaviour.when) {
    if (!Object.entries(wanted).every(([name, value]) => env[name] === value)) continue;
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    result = { ...result, ...given, responses: { ...result.responses, ...change.responses } };
  }
  return result;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${BEHAVIOUR_PATH}: ${(error as Error).message}`, { cause: error });
  }
}
