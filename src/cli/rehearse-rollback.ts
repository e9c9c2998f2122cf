/** `rehearse rollback`: from what was written on the command line to a rehearsal of the way back, followed until it has ended. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RehearsalView, ReleaseClient } from '../client/index.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { canAsk, confirm } from './confirm.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { followRehearsal } from './follow.ts';
import { assertConfigured, configAtHand } from './known-names.ts';
import { people } from './pipeline/listener.ts';
import { renderRollbackRehearsal } from './render/rollback-rehearsal.ts';
import { withClient } from './session.ts';
import { type Terminal, tame } from './terminal.ts';

export interface RollbackRehearsalOptions {
  readonly to?: string;
  readonly forReal?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
  readonly evenProduction?: boolean;
  readonly finish?: boolean;
  readonly timeout?: number;
  readonly out?: string;
}

interface Place {
  readonly service: string;
  readonly environment: string;
}

/** Who only looks waits for no people. */
const LOOKS_FOR_MS = 180_000;

/** Throws `environment-unknown` and `service-unknown` by sluice.yaml, and `input-invalid` for what is not allowed, before anything is done. */
export async function rehearseRollback(
  place: Place,
  options: RollbackRehearsalOptions & { readonly config?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const { forReal, finish, evenProduction, out, timeout } = options;
  const config = await configAtHand(options.config);
  if (config !== undefined) assertConfigured(config, { environments: [place.environment], service: place.service });
  const path = config?.rulebook.services[place.service]?.path;
  if (forReal === true && evenProduction !== true) assertNoUsers(place, path);
  if (out !== undefined) await assertWritable(out);
  if (!(await isMeant(place, options))) return EXIT.usage;
  return withClient(async (client) => {
    const isReal = forReal === true || finish === true;
    const started = await begin(client, place, options);
    if (!terminal.json && started.how === 'attached')
      terminal.note(`${started.workflowId} is under way already: follows it`);
    let view: RehearsalView | undefined;
    const followed = await followRehearsal(client, { ...place, forReal: isReal }, terminal, {
      timeoutMs: timeout ?? (isReal ? undefined : LOOKS_FOR_MS),
      events: false,
      listener: people(terminal),
      onView: (seen) => void (view = seen),
    });
    if (view?.ok === undefined) return followed.exit;
    if (out !== undefined) await writeFile(out, `${JSON.stringify(view, undefined, 2)}\n`);
    if (terminal.json) terminal.sayJson(view);
    else terminal.say(renderRollbackRehearsal(tame(view), terminal.paint));
    return exitOf(view);
  });
}

function begin(client: ReleaseClient, place: Place, { to, forReal, reason = '', finish }: RollbackRehearsalOptions) {
  if (finish === true) return client.finishRehearsal(place);
  return client.startRehearsal({
    ...place,
    ...(to === undefined ? {} : { to }),
    ...(forReal === true ? { forReal: { reason } } : {}),
  });
}

function exitOf({ ok, left, back }: RehearsalView): ExitCode {
  if (ok === true) return EXIT.ok;
  if (left !== undefined) return EXIT.failed;
  return back?.outcome?.kind === 'rolled-back' ? EXIT.rolledBack : EXIT.refused;
}

/** Without a sluice.yaml nobody knows where the users are. */
function assertNoUsers({ service, environment }: Place, path: readonly string[] | undefined): void {
  const last = path?.at(-1);
  if (last !== undefined && last !== environment) return;
  const why = last === undefined ? 'where its path ends is not known here' : `the path of ${service} ends there`;
  throw new ReleaseEngineError('input-invalid', `${environment} may be where the users of ${service} are: ${why}`, {
    expected: '--even-production with --for-real there',
    got: `--environment ${environment} alone`,
    remedy:
      'rehearse in an environment before it; or say --even-production if its users may have the old version for that while',
  });
}

async function isMeant({ service, environment }: Place, { forReal, yes }: RollbackRehearsalOptions): Promise<boolean> {
  if (forReal !== true || yes === true) return true;
  if (canAsk())
    return confirm(
      `${environment} goes back to an older version of ${service} and forward again, for real.`,
      environment,
    );
  throw new ReleaseEngineError('input-invalid', 'nobody can be asked here whether --for-real is meant', {
    expected: '--yes with --for-real where no person sits at the terminal',
    got: 'no terminal',
  });
}

async function assertWritable(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
  } catch {
    throw new ReleaseEngineError('input-invalid', `--out ${file} cannot be written`, {
      expected: 'a file in a folder that is there and may be written to',
      got: dirname(resolve(file)),
    });
  }
}
