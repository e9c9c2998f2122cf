/** The evidence of a release that has ended, kept beside its image: the histories of the engine's server are forgotten, the registry is not. */
import { Context } from '@temporalio/activity';
import type { StepAnswer } from '../src/contract/activities.ts';
import type { KeepEvidenceRequest } from '../src/contract/evidence-workflow.ts';
import { recordOf } from '../src/content/json-object.ts';
import { releaseId, rollbackId } from '../src/contract/workflow-ids.ts';
import { isDigest, shortDigest } from '../src/domain/digest.ts';
import { isName, isVersion } from '../src/domain/names.ts';
import { evidenceArtefact } from '../src/evidence/artefact.ts';
import { gatherEvidence } from '../src/evidence/gather.ts';
import { readHistory } from '../src/evidence/history.ts';
import { isEvidence } from '../src/evidence/registry-content.ts';
import { type Histories, historiesOf } from '../src/evidence/histories.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader, StoredManifest } from '../src/ports/registry-reader.ts';
import { ensureKept } from './locks.ts';
import { no, yes, type Zone } from './zone.ts';

/** Whoever may write to the namespace can ask for it again and again: no image needs more. */
const MOST_KEPT = 20;

export async function keepEvidence(
  zone: Zone,
  request: KeepEvidenceRequest,
  histories: Histories = historiesOf(Context.current().client),
): Promise<StepAnswer> {
  const { service, version } = request;
  const { registry, recording } = zone.ports;
  if (recording === undefined) return no(refused(`${zone.environment} signs no records, and keeps no evidence`));
  if (!isName(service) || !isVersion(version)) return no(refused('this can be the name of no release'));
  await mustHaveEnded(histories, request);
  const repository = zone.rulebook.services[service]?.repository ?? service;
  const image = await imageOf(registry, repository, histories, request);
  if (image === undefined) return no(refused(`${registry.host} has no image of ${service} ${version}`));
  const registryOf = (name: string) => readable(zone, name, repository, image);
  const evidence = await gatherEvidence({ histories, registryOf }, request);
  const artefact = evidenceArtefact(evidence, { service, version }, image);
  if ((await registry.manifest(repository, artefact.manifestDigest)) === undefined) {
    const kept = await keptBeside(registry, repository, image);
    if (kept >= MOST_KEPT) return no(refused(`${kept} files of evidence lie beside the image already`));
    await recording.publisher.publish(repository, artefact);
  }
  // as everything that goes with a locked image
  if (zone.rulebook.environments[zone.environment]?.lockImages === true)
    await ensureKept(zone, { repository, digest: artefact.manifestDigest });
  return yes(`the evidence of ${service} ${version} is in ${registry.host}: ${shortDigest(evidence.name)}`, {
    registry: registry.host,
    name: evidence.name,
    artefact: artefact.manifestDigest,
  });
}

/** The workflow that asks is a child of what it is about, which ends right after: until then its history lacks the end. */
async function mustHaveEnded(
  histories: Histories,
  { service, version, environment, of }: KeepEvidenceRequest,
): Promise<void> {
  const { workflowId, runId } = of;
  const isOurs = workflowId === releaseId(service, version) || workflowId === rollbackId(service, environment);
  const json = isOurs ? await histories.read({ workflowId, runId }) : undefined;
  if (json !== undefined && readHistory(json).endedAt !== undefined) return;
  const message = json === undefined ? `there is no run ${runId} of ${workflowId}` : `${workflowId} has not ended yet`;
  throw new PortError('evidence-incomplete', message, { retry: json === undefined ? 'no' : 'yes' });
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

async function keptBeside(registry: RegistryReader, repository: string, image: StoredManifest): Promise<number> {
  const listed = await registry.referrers(repository, image.digest);
  const found = await Promise.all(
    listed.map(async (one) => {
      const manifest = await registry.manifest(repository, one.digest);
      return manifest !== undefined && isEvidence(manifest.bytes);
    }),
  );
  return found.filter(Boolean).length;
}

function refused(message: string) {
  return { code: 'evidence-incomplete', message, remedy: 'export it by hand with "sluice evidence export"' } as const;
}
