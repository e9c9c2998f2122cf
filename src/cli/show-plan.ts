/** `plan`, and `start --dry-run`. */
import { currentUser, loadConfig } from '../config/load.ts';
import { withChanges } from './compare-manifests.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { foresightOf } from './foresight.ts';
import { type ReleaseWish, prepareRelease } from './prepare-release.ts';
import { renderForesight } from './render/foresight.ts';
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
  const readerOf = async (environment: string) => (await localRegistry(config, environment)).reader;
  const prepared = await prepareRelease(config, wish, readerOf);
  const request = {
    ...{ service: wish.service, version: wish.version, image: prepared.image },
    ...{ manifests: prepared.manifests, manifestsPublished: false, environments: prepared.path },
    ...(wish.until === undefined ? {} : { until: wish.until }),
    ...(wish.ticket === undefined ? {} : { ticket: wish.ticket }),
    ...(wish.allowOlder === undefined ? {} : { allowOlder: wish.allowOlder }),
  };
  const [forecast, desks] = await withClient((client) =>
    Promise.all([client.forecast(request), Promise.all(prepared.path.map((name) => client.environment(name)))]),
  );
  const result = await withChanges(forecast, prepared.files, await readerOf(prepared.first));
  const start = { at: new Date(), requestedBy: await currentUser(), digest: prepared.digest, desks };
  const foresight = foresightOf(config, wish, result, start);
  if (terminal.json) terminal.sayJson({ ...result, foresight });
  else {
    terminal.say(renderForecast(tame(result), terminal.paint));
    if (result.refusal === undefined) terminal.say(`\n${renderForesight(tame(foresight), terminal.paint)}`);
  }
  if (result.refusal !== undefined) return exitOfOutcome(result.refusal.kind);
  return result.promotions.every((one) => one.answer.ok) ? EXIT.ok : EXIT.refused;
}
