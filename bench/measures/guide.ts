/** One promotion staging → production on the local stack, by the engine and by the guide's own commands, in turns. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLE_KEYS, EXAMPLE_MANIFESTS } from '../../examples/images.ts';
import type { Stack } from '../../local/stack/start-stack.ts';
import { toolPath } from '../../local/tools/tool-path.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { logIn } from '../guide/az-session.ts';
import { hasTools, type OpenedStack, releaseToStaging, withStack } from '../guide/opened-stack.ts';
import { withOwnTime } from '../guide/own-time.ts';
import { emptyProduction, PRODUCTION } from '../guide/production.ts';
import { profileOf } from '../guide/profile.ts';
import { type Asked, askedSince, logged, questionsOf } from '../guide/questions.ts';
import { intoProduction, promote } from '../guide/promotion.ts';
import { activitiesOf, type ActivityRun } from '../journey/releases.ts';
import { median } from '../statistics.ts';
import { timed } from '../timed.ts';

const SCRIPT = fileURLToPath(new URL('../guide/promote.sh', import.meta.url));
const TOOLS = ['az', 'cosign', 'kubectl'] as const;
/** `az` asks again after this; ACR itself says 10 s. */
const RETRY_AFTER_SECONDS = 1;

export async function measureGuide(counts: Counts): Promise<readonly Figure[]> {
  if (!hasTools('guide', TOOLS, 'node local/tools/setup.mjs --with az')) return [];
  const emulator = { importRetryAfterSeconds: RETRY_AFTER_SECONDS, accessLog: true };
  return withStack('guide', { cluster: 'real', emulator }, (opened) => compare(opened, counts.guide));
}

interface Sample {
  readonly totalMs: number;
  /** Without what import and roll-out themselves take. */
  readonly aroundMs: number;
}

async function compare(opened: OpenedStack, rounds: number): Promise<readonly Figure[]> {
  const { stack, folder, client } = opened;
  const { version: staged, image, manifests } = await releaseToStaging(opened);
  const env = await logIn(stack, folder);
  const engine: Sample[] = [];
  const guide: Sample[] = [];
  const runs: (readonly ActivityRun[])[] = [];
  let asked: Asked = {};
  // The first of each warms up: module loading, connections, az's own caches.
  for (let round = 0; round <= rounds; round += 1) {
    const input = intoProduction(`${staged}-${round}`, image.digest, manifests);
    const before = logged(stack);
    const byEngine = await sample(
      stack,
      () => promote(client, input),
      () => (asked = askedSince(stack, before)),
    );
    const byGuide = await sample(stack, () => follow(stack, env, folder, image.digest, `${staged}-guide-${round}`));
    if (round === 0) continue;
    engine.push(byEngine);
    guide.push(byGuide);
    const { service, version, environment } = input;
    runs.push(await activitiesOf(client, promotionId(service, version, environment)));
  }
  const took = engine.map(({ totalMs }) => totalMs);
  return [...figuresOf(engine, guide), profileOf('guide', runs, took), questionsOf('guide', asked)];
}

/** `then` comes before production is emptied. */
async function sample(stack: Stack, work: () => Promise<void>, then: () => void = () => undefined): Promise<Sample> {
  let totalMs = 0;
  const own = await withOwnTime(stack, async () => {
    totalMs = await timed(work);
  });
  then();
  await emptyProduction(stack);
  return { totalMs, aroundMs: totalMs - own.importMs - own.rollOutMs };
}

async function follow(
  stack: Stack,
  env: Readonly<Record<string, string>>,
  folder: string,
  digest: string,
  version: string,
): Promise<void> {
  const { registries } = stack.emulator;
  const cluster = stack.clusters.entries['production'];
  await promisify(execFile)(SCRIPT, [], {
    timeout: 300_000,
    env: {
      ...env,
      SOURCE_ACR: 'onestreamstaging',
      SOURCE_HOST: registries['onestreamstaging']?.loginServer,
      TARGET_ACR: PRODUCTION.registry,
      TARGET_HOST: registries[PRODUCTION.registry]?.loginServer,
      SERVICE: 'iam',
      VERSION: version,
      DIGEST: digest,
      COSIGN_KEY: fileURLToPath(EXAMPLE_KEYS.trusted),
      NAMESPACE: PRODUCTION.namespace,
      MANIFESTS: join(fileURLToPath(EXAMPLE_MANIFESTS), 'production'),
      KUBECONFIG: cluster !== undefined && 'kubeconfig' in cluster ? cluster.kubeconfig : '',
      WORK: folder,
      COSIGN: toolPath('cosign'),
      KUBECTL: toolPath('kubectl'),
      AZ: toolPath('az'),
    },
  });
}

function figuresOf(engine: readonly Sample[], guide: readonly Sample[]): readonly Figure[] {
  const middle = (samples: readonly Sample[], pick: (one: Sample) => number) => Math.round(median(samples.map(pick)));
  const around = { engine: middle(engine, (one) => one.aroundMs), guide: middle(guide, (one) => one.aroundMs) };
  const total = { engine: middle(engine, (one) => one.totalMs), guide: middle(guide, (one) => one.totalMs) };
  return [
    {
      measurement: 'guide',
      figure: 'staging → production around import and roll-out ÷ the guide’s own commands, median',
      value: around.engine / around.guide,
      unit: '×',
      target: { atMost: 0.2 },
      from: { engineMs: around.engine, guideMs: around.guide, samples: engine.length },
    },
    {
      measurement: 'guide',
      figure: 'the whole of it, import and roll-out included',
      value: total.engine / total.guide,
      unit: '×',
      from: { engineMs: total.engine, guideMs: total.guide, samples: engine.length },
    },
  ];
}
