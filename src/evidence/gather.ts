/** Everything that is known of one release, as the parts of an archive: histories from the engine's server, content from the registries. */
import { promotionId, releaseId, rollbackId } from '../contract/workflow-ids.ts';
import { digestOf } from '../content/digest-of.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import type { Histories } from './histories.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { packArchive } from './archive.ts';
import { derivedParts, historyPart, type KeptRelease, ledAwayFrom, releaseIn } from './derived.ts';
import { EvidenceError } from './evidence-error.ts';
import { nameOf, withIndex } from './evidence-index.ts';
import { readHistory } from './history.ts';
import { type Entering, historyPath, type Part, policyPath, RELEASE_HISTORY } from './layout.ts';
import { contentParts } from './registry-content.ts';

export interface Sources {
  readonly histories: Histories;
  /** Undefined: nobody here may read that environment's registry, and the evidence is made without it. */
  registryOf(environment: string): Promise<RegistryReader | undefined>;
  /** The rules as whoever exports has them ({@link Rulebook.policy}): kept where a promotion was planned by these very ones. */
  readonly policy?: string;
}

export interface Release {
  readonly service: string;
  readonly version: string;
}

export interface Evidence {
  /** Digest of the index. */
  readonly name: Digest;
  readonly bytes: Buffer;
  /** Number of parts, with the index. */
  readonly parts: number;
  /** Environments that it holds content of, and those that it does not. */
  readonly registries: readonly string[];
  readonly without: readonly string[];
  /** Ids of all runs that it tells of. */
  readonly runs: readonly string[];
}

/** The same state gives the same bytes. Throws `evidence-incomplete` where something is gone, PortError where somebody would not say. */
export async function gatherEvidence(sources: Sources, release: Release): Promise<Evidence> {
  const histories = await historyParts(sources.histories, release);
  const kept = releaseIn(histories);
  const contents = await Promise.all(
    environmentsOf(kept).map(async (environment) => ({
      environment,
      parts: await contentOf(sources, kept, environment),
    })),
  );
  const found = contents.flatMap((one) => one.parts);
  const names = (isThere: boolean): readonly string[] =>
    contents.filter((one) => one.parts.length > 0 === isThere).map((one) => one.environment);
  const without = names(false);
  const own = [...histories, ...derivedParts(kept), ...policyParts(kept, sources.policy)];
  const parts = withIndex(distinct([...own, ...found]), { ...release, without });
  return {
    name: nameOf(parts),
    bytes: await packArchive(parts),
    parts: parts.length,
    registries: names(true),
    without,
    runs: runsIn(kept),
  };
}

function runsIn({ history, promotions, takenAway }: KeptRelease): readonly string[] {
  const told = promotions.flatMap((one) => [one.history, ...(one.rollback === undefined ? [] : [one.rollback])]);
  return [history, ...told, ...takenAway.map((one) => one.history)].map((one) => one.runId);
}

async function historyParts(histories: Histories, { service, version }: Release): Promise<readonly Part[]> {
  const id = releaseId(service, version);
  const json = await mustRead(histories, id);
  const release = readHistory(json);
  const legs = release.children.filter(({ workflowId }) =>
    workflowId.startsWith(`${promotionId(service, version, '')}`),
  );
  const promotions = await Promise.all(
    legs.map(async ({ workflowId, runId }) => {
      const environment = workflowId.split('/')[3] ?? '';
      const others = (await histories.runsOf(workflowId)).filter((one) => one !== runId);
      const runs = [runId, ...others];
      const read = await Promise.all(
        runs.map((one, at) => runParts(histories, workflowId, one, { environment, number: at + 1 })),
      );
      return read.flat();
    }),
  );
  const environments = [...new Set(legs.map((leg) => leg.workflowId.split('/')[3] ?? ''))];
  const away = await Promise.all(
    environments.map((environment) => awayParts(histories, { service, version }, environment)),
  );
  return [historyPart(RELEASE_HISTORY, json), ...promotions.flat(), ...away.flat()];
}

/** Roll-backs that have led away from the version, as far as they have ended and the server still has them. */
async function awayParts(
  histories: Histories,
  { service, version }: Release,
  environment: string,
): Promise<readonly Part[]> {
  const workflowId = rollbackId(service, environment);
  const runs = await histories.runsOf(workflowId);
  const read = await Promise.all(runs.map((runId) => histories.read({ workflowId, runId })));
  const away = read.filter((json) => json !== undefined && ledAwayFrom(readHistory(json)) === version);
  return away.map((json, at) => historyPart(historyPath({ environment, number: at + 1 }, 'away'), json));
}

/** A promotion, and the roll-back that it was part of. */
async function runParts(
  histories: Histories,
  workflowId: string,
  runId: string,
  entering: Entering,
): Promise<readonly Part[]> {
  const json = await mustRead(histories, workflowId, runId);
  const own = historyPart(historyPath(entering, 'promotion'), json);
  const { parent } = readHistory(json);
  if (parent === undefined || !parent.workflowId.startsWith('rollback/')) return [own];
  const rollback = await mustRead(histories, parent.workflowId, parent.runId);
  return [own, historyPart(historyPath(entering, 'rollback'), rollback)];
}

async function mustRead(histories: Histories, workflowId: string, runId?: string): Promise<unknown> {
  const json = await histories.read({ workflowId, ...(runId === undefined ? {} : { runId }) });
  if (json !== undefined) return json;
  if (runId === undefined) {
    const remedy =
      'see what there is with "sluice list"; what has ended is forgotten after the retention of the namespace';
    throw new EvidenceError('evidence-incomplete', `the server knows no ${workflowId} (any more)`, { remedy });
  }
  const remedy =
    'take the evidence that was kept beside the image when the release ended; a longer retention keeps histories longer';
  throw new EvidenceError('evidence-incomplete', `the history of ${workflowId} is not there any more`, {
    got: runId,
    remedy,
  });
}

/** Those that the release has entered, in its order. */
export function environmentsOf({ promotions, history }: KeptRelease): readonly string[] {
  const order = history.children.map((one) => one.workflowId.split('/')[3] ?? '');
  const entered = new Set(promotions.map((one) => one.environment));
  return [...new Set(order)].filter((one) => entered.has(one));
}

async function contentOf(sources: Sources, kept: KeptRelease, environment: string): Promise<readonly Part[]> {
  const run = kept.promotions.find((one) => one.environment === environment)?.run;
  const { repository, digest } = run?.input.image ?? {};
  if (repository === undefined || digest === undefined || !isDigest(digest)) return [];
  const registry = await sources.registryOf(environment);
  if (registry === undefined) return [];
  return contentParts(registry, { environment, image: { repository, digest }, version: kept.input.version });
}

/** Rules change: those by which nothing here was planned say nothing about it. */
function policyParts({ promotions }: KeptRelease, policy: string | undefined): readonly Part[] {
  if (policy === undefined) return [];
  const version = digestOf(policy);
  const isInForce = promotions.some(({ run }) => run.plan?.policyVersion === version);
  return isInForce ? [{ path: policyPath(version), bytes: Buffer.from(policy) }] : [];
}

/** Registries share most of what they hold. */
function distinct(parts: readonly Part[]): readonly Part[] {
  return [...new Map(parts.map((part) => [part.path, part])).values()];
}
