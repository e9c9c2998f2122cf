/** An environment's cluster as a promotion would find it: what a dry run makes of the manifests, and what runs there by whoever brought it. */
import type { StepAnswer } from '../../src/contract/activities.ts';
import type { ObserveClusterAnswer, ObserveClusterRequest } from '../../src/contract/observation-workflow.ts';
import type { Baseline, PromotionPlan } from '../../src/contract/plan.ts';
import { changesInWords, type ManifestChanges } from '../../src/domain/manifest-change.ts';
import type { ManifestObject } from '../../src/domain/manifest-object.ts';
import { unpackManifests } from '../../src/manifests/artefact.ts';
import { judgeHealth } from '../../src/policy/health-policy.ts';
import { changesOf } from '../changes.ts';
import { ask, inWords } from '../health.ts';
import { renderedFrom } from '../manifests.ts';
import { tryOut } from '../rehearsal.ts';
import { no, yes, type Zone } from '../zone.ts';
import { liveOf } from './live.ts';
import { looked } from './looked.ts';
import { ownPlan } from './own-plan.ts';

export async function observeCluster(
  zone: Zone,
  request: ObserveClusterRequest,
  signal: AbortSignal,
): Promise<ObserveClusterAnswer> {
  const { baseline, files } = request;
  const plan = ownPlan(zone, request.plan);
  const manifests = renderedFrom(zone, plan, await unpackManifests(Buffer.from(files, 'base64')));
  let changes: ManifestChanges | undefined;
  const apply = await looked(async () => {
    if (!manifests.ok) return manifests;
    const tried = await dryRun(zone, plan, baseline, manifests.objects, signal);
    changes = tried.changes;
    return tried.answer;
  });
  const health = await healthOf(zone, plan, signal);
  return {
    apply,
    ...(changes === undefined ? {} : { changes }),
    live: await liveOf(zone, plan, changes, signal),
    ...(health === undefined ? {} : { health }),
  };
}

interface Tried {
  readonly answer: StepAnswer;
  readonly changes?: ManifestChanges;
}

async function dryRun(
  zone: Zone,
  plan: PromotionPlan,
  { current }: Baseline,
  objects: readonly ManifestObject[],
  signal: AbortSignal,
): Promise<Tried> {
  const tried = await tryOut(zone, plan, objects, signal);
  if (!tried.ok) return { answer: tried };
  const changes = await changesOf(zone, plan, tried, current);
  const notTried = changes.inCluster === undefined ? `; ${(changes.notes ?? []).join('; ')}` : '';
  const summary = `a dry run at the API server takes all ${objects.length} objects: ${changesInWords(changes)}${notTried}`;
  return { answer: yes(notTried === '' ? summary : `not tried on the cluster${notTried}`), changes };
}

/** As the service answers now, whichever version that is. */
async function healthOf(
  zone: Zone,
  { health: rule, namespace, environment }: PromotionPlan,
  signal: AbortSignal,
): Promise<ObserveClusterAnswer['health']> {
  if (rule === undefined) return undefined;
  return looked(async () => {
    const { url, answer } = await ask(zone, namespace, environment, rule, signal);
    const verdict = judgeHealth({ ...rule, passes: 1, attempts: 1 }, url, [answer]);
    return verdict.kind === 'unwell' ? no(verdict.refusal) : yes(`${url} answers ${inWords(answer)}`);
  });
}
