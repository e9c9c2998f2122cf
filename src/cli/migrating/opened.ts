/** `migration.yaml`, found and read together with sluice.yaml. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { didYouMean } from '../../config/did-you-mean.ts';
import { loadConfig, readText } from '../../config/load.ts';
import type { Problem } from '../../domain/error-code.ts';
import { readMigration } from '../../migration/file/read.ts';
import type { Migration, MigratingService } from '../../migration/migration.ts';

export const MIGRATION_FILE = 'migration.yaml';

export interface Opened {
  readonly config: Config;
  readonly migration: Migration;
  readonly warnings: readonly Problem[];
  /** As it was read. */
  readonly text: string;
}

/** `file`: undefined: beside sluice.yaml. Throws {@link ConfigError} `config-missing` or `config-invalid`. */
export async function openMigration(configFile: string | undefined, file: string | undefined): Promise<Opened> {
  const config = await loadConfig(configFile);
  const path = file === undefined ? join(dirname(config.file), MIGRATION_FILE) : resolve(file);
  if (!existsSync(path)) {
    const remedy = 'write one (docs/migration.md, examples/migration.yaml), or name it with --file';
    throw new ConfigError('config-missing', [{ where: path, message: 'no such file', remedy }]);
  }
  const text = readText(path);
  const services = Object.values(config.rulebook.services).map((one) => [one.name, one.path] as const);
  const known = { services: Object.fromEntries(services), environments: Object.keys(config.environments) };
  return { config, text, ...readMigration(text, path, known) };
}

/** Throws `service-unknown`. */
export function serviceOf({ services }: Migration, name: string): MigratingService {
  const found = services.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = services.map((one) => one.name);
  throw new ReleaseEngineError('service-unknown', `no wave has a service "${name}"${didYouMean(name, names)}`, {
    expected: names.join(', '),
    got: name,
    remedy: `write it under "services" in ${MIGRATION_FILE}`,
  });
}

/** Throws `input-invalid`. */
export function assertWave({ waves }: Migration, name: string): void {
  const names = waves.map((one) => one.name);
  if (names.includes(name)) return;
  throw new ReleaseEngineError('input-invalid', `there is no wave "${name}"${didYouMean(name, names)}`, {
    expected: names.join(', '),
    got: name,
    remedy: 'name one of those',
  });
}
