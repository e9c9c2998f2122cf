/** `rollback` without a version: the roll-back is started, and whoever asked for it is told where it goes and who has to agree. */
import type { ReleaseClient, RollbackView } from '../client/index.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { followRollback } from './follow.ts';
import { assertKnown } from './known-names.ts';
import { journeyOfRollback, rollbackBegun } from './pipeline/journey.ts';
import type { Pipeline } from './pipeline/options.ts';
import { listenerOf, report, setVariables } from './pipeline/report.ts';
import { renderRollback } from './render/rollback.ts';
import { withClient } from './session.ts';
import { type Terminal, tame } from './terminal.ts';

export interface GoBackWish {
  readonly service: string;
  readonly environment: string;
  readonly reason: string;
  readonly to?: string;
  /** Path of the configuration, as it was named. */
  readonly config?: string | undefined;
}

export interface GoBackOptions {
  readonly wait: boolean;
  readonly timeoutMs?: number | undefined;
  readonly pipeline: Pipeline;
}

/** It takes some steps until people are asked; without a worker it takes none. */
const KNOWN_WITHIN_MS = 10_000;

/** Throws `environment-unknown` and `service-unknown` by sluice.yaml, before anything is held. */
export async function goBack(
  { config, ...wish }: GoBackWish,
  terminal: Terminal,
  { wait, timeoutMs, pipeline }: GoBackOptions,
): Promise<ExitCode> {
  await assertKnown(config, { environments: [wish.environment], service: wish.service });
  return withClient(async (client) => {
    const started = await client.startRollback(wish);
    const { service, environment } = wish;
    const word = started.how === 'started' ? 'is started' : 'runs already; attached to it';
    const begun = rollbackBegun(service, environment);
    const said = `${begun.title} ${word}`;
    if (!wait) {
      const view = await untilKnown(client, wish);
      const known = view === undefined ? begun : journeyOfRollback(view);
      await setVariables(view?.outcome?.kind ?? 'started', known, pipeline, terminal);
      if (terminal.json) terminal.sayJson({ ...started, ...view });
      else terminal.say([said, ...reportOf(wish, view, terminal)].join('\n'));
      return view?.outcome === undefined ? EXIT.ok : exitOfOutcome(view.outcome.kind);
    }
    if (!terminal.json) terminal.note(said);
    await setVariables('started', begun, pipeline, terminal);
    let seen: RollbackView | undefined;
    const onView = (view: RollbackView): void => void (seen = view);
    const listener = listenerOf(pipeline, terminal);
    const ended = await followRollback(client, wish, terminal, { timeoutMs, events: false, listener, onView });
    const exit = await report(ended, seen === undefined ? begun : journeyOfRollback(seen), pipeline, terminal);
    if (terminal.json) terminal.sayJson({ ...started, ...(await client.rollback(service, environment)) });
    return exit;
  });
}

function reportOf({ service, environment }: GoBackWish, view: RollbackView | undefined, terminal: Terminal): string[] {
  const lines = view === undefined ? [] : renderRollback(tame(view), terminal.paint).map((line) => `  ${line}`);
  const to = view?.promotion === undefined ? undefined : view.to;
  return [
    ...lines,
    ...(view?.outcome === undefined && to !== undefined ? [`follow it:  sluice watch ${service} ${to}`] : []),
    `see it:     sluice environment ${environment}`,
  ];
}

/** Until it waits, works or has ended; undefined when nobody could say in time. */
async function untilKnown(
  client: ReleaseClient,
  { service, environment }: GoBackWish,
): Promise<RollbackView | undefined> {
  const signal = AbortSignal.timeout(KNOWN_WITHIN_MS);
  const known = new AbortController();
  let view: RollbackView | undefined;
  const watching = client.watchRollback(service, environment, {
    signal: AbortSignal.any([signal, known.signal]),
    // what nobody can say now is said by "sluice environment"
    onTrouble: () => undefined,
    onView: (seen) => {
      view = seen;
      if (seen.standing !== undefined && seen.standing.phase !== 'planning') known.abort();
    },
  });
  while ((await watching.next()).done !== true);
  return view;
}
