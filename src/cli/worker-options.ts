/** What `sluice worker` makes of its options. */
import { didYouMean } from '../config/did-you-mean.ts';
import type { Config } from '../config/config.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';

/** Throws `environment-unknown` for the first name that is not configured. */
export function checkedEnvironments(config: Config, names: readonly string[]): readonly string[] {
  const known = Object.keys(config.environments);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new ReleaseEngineError('environment-unknown', `there is no environment "${name}"${didYouMean(name, known)}`, {
      expected: known.join(', '),
      got: name,
    });
  }
  return [...new Set(names)];
}

/** The same configuration with in-memory clusters; what is configured as simulated keeps its state file. */
export function withSimulatedClusters(config: Config): Config {
  const environments = Object.entries(config.environments).map(([name, connections]) => [
    name,
    connections.cluster.kind === 'simulated'
      ? connections
      : { ...connections, cluster: { kind: 'simulated' as const } },
  ]);
  return { ...config, environments: Object.fromEntries(environments) };
}
