/** `sluice evidence export`: everything that is known of a release, into a file. */
import { loadConfig } from '../../config/load.ts';
import { hexOf } from '../../domain/digest.ts';
import { withClient } from '../session.ts';
import { localRegistry } from '../wire.ts';
import { assertConfigured } from '../known-names.ts';
import { writeOut } from './write-out.ts';

export interface Exported {
  readonly file: string;
  /** Digest of the index: what the evidence is called. */
  readonly name: string;
  readonly bytes: number;
  readonly parts: number;
  readonly registries: readonly string[];
  /** Environments of which it has no content. */
  readonly without: readonly string[];
}

interface Wish {
  readonly service: string;
  readonly version: string;
  readonly out: string | undefined;
  /** Environments whose registry is not asked. */
  readonly without: readonly string[] | undefined;
  readonly config: string | undefined;
}

export async function exportToFile({
  service,
  version,
  out,
  without: leftOut = [],
  config: path,
}: Wish): Promise<Exported> {
  const config = await loadConfig(path);
  assertConfigured(config, { environments: leftOut });
  const { policy } = config.rulebook;
  const evidence = await withClient((client) =>
    client.evidence({
      service,
      version,
      ...(policy === undefined ? {} : { policy }),
      registryOf: async (environment) =>
        config.environments[environment] === undefined || leftOut.includes(environment)
          ? undefined
          : (await localRegistry(config, environment)).reader,
    }),
  );
  const { name, bytes, parts, registries, without } = evidence;
  const file = out ?? `evidence-${service}-${version}-${hexOf(name).slice(0, 12)}.tar`;
  await writeOut(file, bytes);
  return { file, name, bytes: bytes.byteLength, parts, registries, without };
}
