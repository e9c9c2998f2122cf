/** Names of environments and services, compared with sluice.yaml where there is one. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { loadConfig } from '../config/load.ts';
import { checkedEnvironments } from './worker-options.ts';

export interface Names {
  readonly environments?: readonly string[] | undefined;
  readonly service?: string | undefined;
}

/**
 * Before anybody is told anything, and where nothing is known of what was asked for: who stops "prodution" must not believe that
 * production stands still, and who looks at it not that nothing runs there. Throws `environment-unknown` and `service-unknown`.
 */
export async function assertKnown(configPath: string | undefined, names: Names): Promise<void> {
  const config = await configAtHand(configPath);
  if (config !== undefined) assertConfigured(config, names);
}

/** An emergency does not wait for a file: on a machine without one, or with one that is broken, names are taken as they come. */
export async function configAtHand(file: string | undefined): Promise<Config | undefined> {
  try {
    return await loadConfig(file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** What is not found may only be misspelt: then that is said. */
export async function orMisspelt<Found>(
  configPath: string | undefined,
  { environment, service }: { readonly environment?: string | undefined; readonly service: string },
  look: () => Promise<Found>,
): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    const isMissing = error instanceof ReleaseEngineError && error.code === 'release-not-found';
    if (isMissing)
      await assertKnown(configPath, { environments: environment === undefined ? [] : [environment], service });
    throw error;
  }
}

export function assertConfigured(config: Config, { environments = [], service }: Names): void {
  checkedEnvironments(config, environments);
  const known = Object.keys(config.rulebook.services);
  if (service === undefined || known.includes(service)) return;
  throw new ReleaseEngineError('service-unknown', `there is no service "${service}"${didYouMean(service, known)}`, {
    expected: known.join(', '),
    got: service,
  });
}
