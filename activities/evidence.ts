/** The evidence of a release that has ended, kept beside its image: the histories of the engine's server are forgotten, the registry is not. */
import { Context } from '@temporalio/activity';
import type { StepAnswer } from '../src/contract/activities.ts';
import type { KeepEvidenceRequest } from '../src/contract/evidence-workflow.ts';
import { jsonObject, recordOf } from '../src/content/json-object.ts';
import { ROLLBACK } from '../src/contract/rollback-workflow.ts';
import { releaseId, rollbackId } from '../src/contract/workflow-ids.ts';
import { type Digest, isDigest, shortDigest } from '../src/domain/digest.ts';
import { isName, isVersion } from '../src/domain/names.ts';
import { evidenceArtefact } from '../src/evidence/artefact.ts';
import { type Evidence, gatherEvidence } from '../src/evidence/gather.ts';
import { type History, readHistory } from '../src/evidence/history.ts';
import { isEvidence } from '../src/evidence/registry-content.ts';
import { type Histories, historiesOf } from '../src/evidence/histories.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader, StoredManifest } from '../src/ports/registry-reader.ts';
import { LIMITS } from '../src/referrers/limits.ts';
import { attach } from './attach.ts';
import { ensureKept, ensureLocked } from './locks.ts';
import { no, yes, type Zone } from './zone.ts';

/** Whoever may write to the namespace can ask for it again and again: no image needs more. */
const MOST_KEPT = 20;
/** What refers to an image travels with it, within limits: evidence leaves the other half of them to everything else. */
const MOST_BYTES = LIMITS.totalBytes / 2;

export async function keepEvidence(
  zone: Zone,
  request: KeepEvidenceRequest,
  histories: Histories = historiesOf(Context.current().client),
): Promise<StepAnswer> {
  const { service, version } = request;
  const { registry, keeper } = zone.ports;
  if (keeper === undefined) return no(refused(`${zone.environment} keeps no evidence`));
  if (!isName(service) || !isVersion(version)) return no(refused('this can be the name of no release'));
  const ended = await mustHaveEnded(histories, request);
  const repository = zone.rulebook.services[service]?.repository ?? service;
  const image = await imageOf(registry, repository, histories, request);
  if (image === undefined) return no(refused(`${registry.host} has no image of ${service} ${version}`));
  const registryOf = (name: string) => readable(zone, name, repository, image);
  const { policy } = zone.rulebook;
  const sources = { histories, registryOf, ...(policy === undefined ? {} : { policy }) };
  const evidence = await gatherEvidence(sources, request);
  mustTellOf(evidence, ended, request);
  const artefact = evidenceArtefact(evidence, { service, version }, image);
  const lockImages = zone.rulebook.environments[zone.environment]?.lockImages === true;
  if ((await registry.manifest(repository, artefact.manifestDigest)) === undefined) {
    const kept = await keptBeside(registry, repository, image);
    if (kept.length >= MOST_KEPT) return no(refused(`${kept.length} files of evidence lie beside the image already`));
    const size = kept.reduce((sum, one) => sum + one, evidence.bytes.byteLength);
    if (size > MOST_BYTES || evidence.bytes.byteLength > LIMITS.referrerBytes)
      return no(refused(`all evidence of the image would be ${size} bytes: the image could travel no more`));
    await attach(zone, { publisher: keeper, image: { repository, digest: image.digest }, artefact, lockImages });
  }
  if (lockImages) await lockAgain(zone, repository, image.digest, artefact.manifestDigest);
  return yes(`the evidence of ${service} ${version} is in ${registry.host}: ${shortDigest(evidence.name)}`, {
    registry: registry.host,
    name: evidence.name,
    artefact: artefact.manifestDigest,
  });
}

/** As everything that goes with a locked image. One that was opened for it, by this attempt or one before, is locked again. */
export async function lockAgain(zone: Zone, repository: string, image: Digest, artefact: Digest): Promise<void> {
  await ensureKept(zone, { repository, digest: artefact });
  const state = await zone.ports.locks.read({ repository, digest: image });
  if (state?.deletable === false) await ensureLocked(zone, { repository, digest: image });
}

/** The workflow that asks is a child of what it is about, which ends right after: until then its history lacks the end. */
async function mustHaveEnded(
  histories: Histories,
  { service, version, environment, of }: KeepEvidenceRequest,
): Promise<History> {
  const { workflowId, runId } = of;
  const isOurs = workflowId === releaseId(service, version) || workflowId === rollbackId(service, environment);
  const json = isOurs ? await histories.read({ workflowId, runId }) : undefined;
  const history = json === undefined ? undefined : readHistory(json);
  if (history?.endedAt !== undefined) return history;
  const message = json === undefined ? `there is no run ${runId} of ${workflowId}` : `${workflowId} has not ended yet`;
  throw new PortError('evidence-incomplete', message, { retry: json === undefined ? 'no' : 'yes' });
}

/** A server lists runs a little after they began: what was just brought back, or taken away, must not be left out. */
function mustTellOf({ runs }: Evidence, { workflow, runId, result }: History, { version }: KeepEvidenceRequest): void {
  if (workflow !== ROLLBACK) return;
  const { to, promotion } = recordOf(result);
  const wanted = to === version ? recordOf(promotion)['runId'] : runId;
  if (typeof wanted !== 'string' || runs.includes(wanted)) return;
  throw new PortError('evidence-incomplete', `the server does not list ${wanted} yet`, { retry: 'yes' });
}

const NO_RIGHT: readonly string[] = ['registry-unauthorized', 'registry-forbidden'];

/** Undefined where this environment's identity may not read: the evidence is made without. Its own registry must answer. */
async function readable(
  { ports, environment }: Zone,
  name: string,
  repository: string,
  { digest }: StoredManifest,
): Promise<RegistryReader | undefined> {
  if (name === environment) return ports.registry;
  const source = ports.sources[name];
  try {
    await source?.manifest(repository, digest);
    return source;
  } catch (error) {
    if (error instanceof PortError && NO_RIGHT.includes(error.code)) return undefined;
    throw error;
  }
}

/** As the release itself says which it is. */
async function imageOf(
  registry: RegistryReader,
  repository: string,
  histories: Histories,
  { service, version }: KeepEvidenceRequest,
): Promise<StoredManifest | undefined> {
  const json = await histories.read({ workflowId: releaseId(service, version) });
  if (json === undefined) return undefined;
  const { digest } = recordOf(recordOf(readHistory(json).result)['image']);
  return typeof digest === 'string' && isDigest(digest) ? registry.manifest(repository, digest) : undefined;
}

/** Bytes of each file that lies there already. */
async function keptBeside(
  registry: RegistryReader,
  repository: string,
  image: StoredManifest,
): Promise<readonly number[]> {
  const listed = await registry.referrers(repository, image.digest);
  const found = await Promise.all(
    listed.map(async (one) => {
      const manifest = await registry.manifest(repository, one.digest);
      return manifest !== undefined && isEvidence(manifest.bytes) ? [sizeOf(manifest.bytes)] : [];
    }),
  );
  return found.flat();
}

/** As the manifest says of its one layer. */
function sizeOf(manifest: Uint8Array): number {
  const layers = jsonObject(manifest)?.['layers'];
  const { size } = recordOf(Array.isArray(layers) ? layers[0] : undefined);
  return typeof size === 'number' ? size : 0;
}

function refused(message: string) {
  return { code: 'evidence-incomplete', message, remedy: 'export it by hand with "sluice evidence export"' } as const;
}
