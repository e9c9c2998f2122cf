/** `sluice/behaviour.json` inside an image: what a simulated node answers in its place. The format is told in README.md. */

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Behaviour {
  /** Port on which the container listens. */
  readonly listen: number;
  /** By path; other paths answer 404. */
  readonly responses: Readonly<Record<string, Answer>>;
  /** Differences for containers with all of these environment variables; later entries win over earlier ones. */
  readonly when: readonly {
    readonly env: Readonly<Record<string, string>>;
    readonly responses: Readonly<Record<string, Answer>>;
  }[];
  /** A way to fail altogether; null in all examples. */
  readonly fail: null;
}

export const BEHAVIOUR_PATH = 'sluice/behaviour.json';

const LISTEN = 8080;

/** Well on every path, in every environment. */
export function healthy(version: string): Behaviour {
  return { listen: LISTEN, responses: wellOn(version), when: [], fail: null };
}

/** The bug that only shows with the data of later environments: ready, but /health answers 500 there. */
export function unhealthyIn(version: string, environments: readonly string[]): Behaviour {
  const body = { status: 'failing', version, reason: 'migration 42 has not been applied' };
  const when = environments.map((ENVIRONMENT) => ({
    env: { ENVIRONMENT },
    responses: { '/health': { status: 500, body } },
  }));
  return { ...healthy(version), when };
}

function wellOn(version: string): Readonly<Record<string, Answer>> {
  const ok = { status: 200, body: { status: 'ok', version } };
  return { '/health': ok, '/ready': ok, '/': { status: 200, body: { service: 'iam', version } } };
}
