/** `start --observe`: what Sluice would do with this version, and whether it would succeed. Publishes nothing, starts no release. */
import type { ObservationResult } from '../contract/observation-workflow.ts';
import type { ObservedVerdict } from '../domain/observed.ts';
import { groupsOfRule } from '../domain/rulebook.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { packedWithoutSecrets } from '../manifests/without-secret-values.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportObservation } from './pipeline/observation.ts';
import type { Pipeline } from './pipeline/options.ts';
import { type ReleaseWish, prepareRelease } from './prepare-release.ts';
import { type Members, renderObservation } from './render/observation.ts';
import { withClient } from './session.ts';
import { type Terminal, tame } from './terminal.ts';
import { localRegistry } from './wire.ts';

export interface ObserveOptions {
  readonly timeoutMs?: number | undefined;
  readonly pipeline: Pipeline;
}

const EXITS: Readonly<Record<ObservedVerdict, ExitCode>> = {
  'would-be-released': EXIT.ok,
  'would-wait': EXIT.ok,
  'would-need-attention': EXIT.unwell,
  'would-be-refused': EXIT.refused,
};

export async function observeRelease(
  wish: ReleaseWish,
  configPath: string | undefined,
  terminal: Terminal,
  { timeoutMs, pipeline }: ObserveOptions,
): Promise<ExitCode> {
  const config = await loadConfig(configPath);
  const readerOf = async (environment: string) => (await localRegistry(config, environment)).reader;
  const { path, image, manifests, files } = await prepareRelease(config, wish, readerOf);
  const carried = files.filter((file) => path.some((environment) => file.path.startsWith(`${environment}/`)));
  const { service, version, until, ticket, allowOlder } = wish;
  const request = {
    ...{ service, version, image, manifests, environments: path, files: await packedWithoutSecrets(carried) },
    ...(until === undefined ? {} : { until }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(allowOlder === undefined ? {} : { allowOlder }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const result = await withClient((client) => client.observe(request));
  show(result, config, terminal);
  await reportObservation(result, pipeline, terminal);
  return exitOfObservation(result);
}

/** `status --observation`: the newest one of that version. */
export async function showObservation(
  key: { readonly service: string; readonly version: string },
  configPath: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const result = await withClient((client) => client.observation(key));
  const config = await loadConfig(configPath).catch(() => undefined);
  show(result, config, terminal);
  return EXIT.ok;
}

function show(result: ObservationResult, config: Config | undefined, terminal: Terminal): void {
  if (terminal.json) terminal.sayJson(result);
  else terminal.say(renderObservation(tame(result), terminal.paint, config === undefined ? {} : membersIn(config)));
}

export function exitOfObservation({ verdict }: ObservationResult): ExitCode {
  return EXITS[verdict];
}

/** Who could answer now, as far as sluice.yaml names them: members of an identity provider's groups it does not know. */
function membersIn({ approvers, rulebook }: Config): Members {
  if (approvers.kind === 'unproven') return {};
  const asked = Object.values(rulebook.environments).flatMap(({ name, approval }) => {
    if (approval === undefined) return [];
    const groups = groupsOfRule(approval).flatMap(({ from }) => from);
    const names = approvers.people.filter((one) => one.groups.some((group) => groups.includes(group)));
    return [[name, names.map((one) => one.name)] as const];
  });
  return Object.fromEntries(asked);
}
