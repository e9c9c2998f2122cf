/** Everything that `doctor` looks at, side by side. */
import type { Config } from '../../config/config.ts';
import { ConfigError, formatProblem } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { examineApprovals } from './approvals.ts';
import { examineCluster } from './cluster.ts';
import { type Finding, unwell, well } from './finding.ts';
import { examineRecords } from './records.ts';
import { examineRegistry } from './registry.ts';
import { examineSigners } from './signers.ts';
import { examineTemporal } from './temporal.ts';

/** Never throws for what is unwell. */
export async function examine(configPath: string | undefined): Promise<readonly Finding[]> {
  const { config, findings } = await examineConfig(configPath);
  const environments = Object.keys(config?.environments ?? {});
  const rest = await Promise.all([
    examineTemporal(environments),
    config === undefined ? [] : examineSigners(config),
    ...(config === undefined ? [] : environments.map((name) => examineRegistry(config, name))),
    ...(config === undefined ? [] : environments.map((name) => examineCluster(config, name))),
    ...(config === undefined ? [] : environments.map((name) => examineRecords(config, name))),
  ]);
  return [...findings, ...rest.flat()];
}

interface ExaminedConfig {
  readonly config?: Config;
  readonly findings: readonly Finding[];
}

async function examineConfig(path: string | undefined): Promise<ExaminedConfig> {
  try {
    const config = await loadConfig(path);
    const { services, environments } = config.rulebook;
    const counts = `${Object.keys(environments).length} environments, ${Object.keys(services).length} services`;
    return { config, findings: [well('configuration', `${config.file}: ${counts}`), ...examineApprovals(config)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { findings: error.problems.map((problem) => unwell('configuration', formatProblem(problem))) };
  }
}
