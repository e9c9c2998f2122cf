/** `plan`, and `start --dry-run`. */
import { loadConfig } from '../config/load.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { type ReleaseWish, prepareRelease } from './prepare-release.ts';
import { renderForecast } from './render/plan.ts';
import { withClient } from './session.ts';
import { type Terminal, tame } from './terminal.ts';
import { localRegistry } from './wire.ts';

export async function showPlan(
  wish: ReleaseWish,
  configPath: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = await loadConfig(configPath);
  const prepared = await prepareRelease(
    config,
    wish,
    async (environment) => (await localRegistry(config, environment)).reader,
  );
  const result = await withClient((client) =>
    client.forecast({
      service: wish.service,
      version: wish.version,
      image: prepared.image,
      manifests: prepared.packed.manifestDigest,
      manifestsPublished: false,
      environments: prepared.path,
      ...(wish.until === undefined ? {} : { until: wish.until }),
    }),
  );
  if (terminal.json) terminal.sayJson(result);
  else terminal.say(renderForecast(tame(result), terminal.paint));
  if (result.refusal !== undefined) return exitOfOutcome(result.refusal.kind);
  return result.promotions.every((one) => one.answer.ok) ? EXIT.ok : EXIT.refused;
}
