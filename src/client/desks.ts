/** What the desks of environments say, for pages that have to be drawn whether a worker answers or not. */
import { WorkflowNotFoundError } from '@temporalio/common';
import { ENVIRONMENT_WORKFLOW, environmentQuery, type EnvironmentStatus } from '../contract/environment-workflow.ts';
import { environmentId } from '../contract/workflow-ids.ts';
import { NO_TURNS } from '../domain/turns.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment } from './keys.ts';
import { readRows } from './list.ts';

export interface DeskReport {
  /** Desks that have answered, by name; for one that was asked for by name and was never opened: that nothing has happened. */
  readonly known: readonly EnvironmentStatus[];
  /** Environments whose desk did not answer in time: what restrains them is not known. */
  readonly unanswered: readonly string[];
}

/** A desk answers within milliseconds when a worker runs. Nobody waits longer for what is shown beside something else. */
const DESK_MS = 1_000;
/** For how long it is believed that a desk which did not answer does not. */
const SILENT_MS = 5_000;
const MOST = 1_000;

export class Desks {
  readonly #engine: Engine;
  /** Until when, by environment. */
  readonly #silent = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** All that there are unless one is named. Throws `input-invalid`, `temporal-unreachable`; never because no worker answers. */
  async read(environment?: string): Promise<DeskReport> {
    if (environment !== undefined) assertEnvironment(environment);
    const names = environment === undefined ? await namesOf(this.#engine) : [environment];
    this.#forget();
    const answers = await Promise.all(names.filter((name) => !this.#silent.has(name)).map((name) => this.#ask(name)));
    const known = answers.filter((one) => one !== undefined);
    const unanswered = names.filter((name) => !known.some((one) => one.environment === name));
    return { known, unanswered };
  }

  async #ask(environment: string): Promise<EnvironmentStatus | undefined> {
    const status = await askDesk(this.#engine, environment);
    if (status === undefined) this.#silent.set(environment, Date.now() + SILENT_MS);
    return status;
  }

  #forget(): void {
    for (const [name, untilMs] of this.#silent) if (untilMs <= Date.now()) this.#silent.delete(name);
  }
}

/** Undefined when nobody answers in time. */
export async function askDesk(engine: Engine, environment: string): Promise<EnvironmentStatus | undefined> {
  const desk = engine.temporal.workflow.getHandle(environmentId(environment));
  try {
    return await engine.connection.withDeadline(Date.now() + Math.min(DESK_MS, engine.callTimeoutMs), () =>
      desk.query<EnvironmentStatus, []>(environmentQuery.name),
    );
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? neverOpened(environment) : undefined;
  }
}

/** What is true of an environment to whose desk nobody has said anything. */
export function neverOpened(environment: string): EnvironmentStatus {
  return { format: 1, kind: 'environment', environment, turns: NO_TURNS, restraints: [], running: {} };
}

async function namesOf(engine: Engine): Promise<readonly string[]> {
  const query = `WorkflowType = '${ENVIRONMENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const { rows } = await readRows(engine, query, MOST);
  const names = rows.map(({ environment }) => environment).filter((name) => name !== undefined);
  return [...new Set(names)].toSorted();
}
