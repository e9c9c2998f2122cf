/** `start`: from a wish to a running release. */
import type { ReleaseClient, StartedRelease } from '../client/index.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type FollowWish, followRelease } from './follow-release.ts';
import { journeyBegun } from './pipeline/journey.ts';
import { setVariables } from './pipeline/report.ts';
import { assertPasses, type PreparedRelease, type ReleaseWish, prepareRelease } from './prepare-release.ts';
import { withClient } from './session.ts';
import type { Terminal } from './terminal.ts';
import { localRegistry } from './wire.ts';

export interface StartOptions extends Omit<FollowWish, 'events'> {
  readonly wait: boolean;
}

export async function startAndFollow(
  wish: ReleaseWish,
  configPath: string | undefined,
  terminal: Terminal,
  { wait, ...options }: StartOptions,
): Promise<ExitCode> {
  const config = await loadConfig(configPath);
  const prepared = await prepareRelease(
    config,
    wish,
    async (environment) => (await localRegistry(config, environment)).reader,
  );
  if (options.waitFor !== undefined) assertPasses(prepared, options.waitFor);
  // reach the engine before anything is published: nothing half done
  return withClient(async (client) => {
    const { service, first, packed, image, manifests } = prepared;
    if (packed !== undefined) {
      const { publisher } = await localRegistry(config, first);
      await publisher.publish(service.repository, packed);
    }
    const started = await client.startRelease({ ...wish, image, manifests });
    const begun = journeyBegun(started, { image, manifests, digest: prepared.digest });
    await setVariables('started', begun, options.pipeline, terminal);
    if (!wait) return tell(started, prepared, terminal);
    if (!terminal.json) terminal.note(sentence(started));
    const exit = await followRelease(client, begun, terminal, { ...options, events: false });
    return terminal.json ? await tellOutcome(client, wish, started, exit, terminal) : exit;
  });
}

function tell(started: StartedRelease, prepared: PreparedRelease, terminal: Terminal): ExitCode {
  const { service, version } = started;
  if (terminal.json) {
    terminal.sayJson({ ...started, image: prepared.image, manifests: prepared.manifests });
    return EXIT.ok;
  }
  terminal.say(sentence(started));
  terminal.say(
    `  image      ${prepared.image}\n  manifests  ${prepared.manifests}\n  path       ${prepared.path.join(' → ')}`,
  );
  terminal.say(`follow it:   sluice watch ${service} ${version}`);
  return EXIT.ok;
}

/** One JSON value: what was started, and where it stands now that the waiting is over. */
async function tellOutcome(
  client: ReleaseClient,
  wish: ReleaseWish,
  started: StartedRelease,
  exit: ExitCode,
  terminal: Terminal,
): Promise<ExitCode> {
  const { release } = await client.status(wish);
  terminal.sayJson({ ...started, release });
  return exit;
}

function sentence({ service, version, how }: StartedRelease): string {
  if (how === 'started') return `${service} ${version} is started`;
  if (how === 'attached') return `${service} ${version} runs already, with the same content; attached to it`;
  return `${service} ${version} has ended already, with the same content; nothing was started`;
}
