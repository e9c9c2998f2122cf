/** Copying by digest, exactly once, however often the worker dies on the way. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, parseDigest, shortDigest } from '../src/domain/digest.ts';
import type { ErrorCode } from '../src/domain/error-code.ts';
import { copyRefusal } from '../src/policy/image-policy.ts';
import type { ImportRequest } from '../src/ports/registry-importer.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { Attempt } from './beating.ts';
import { provenanceOf } from './authors.ts';
import { artefactsOf } from './signatures.ts';
import { imageOf, no, sourceOf, taggedDigest, yes, type Zone } from './zone.ts';

/** Operations under way, by digest: the ticket, or "asked" when the registry's answer was not seen any more. */
export type Imports = Readonly<Record<string, { readonly ticket: string } | { readonly asked: true }>>;

/** How often and how long a target is watched for a copy that was asked for, but whose ticket was lost with the worker. */
const LOST_TICKET_LOOKS = 20;
const LOST_TICKET_EVERY_MS = 500;
const ARRIVED = 'arrived';

/** After these the operation is over: the next attempt asks anew instead of waiting for it. */
const OVER: readonly ErrorCode[] = ['import-failed', 'import-stuck'];

export async function importImage(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const { repository, digest } = imageOf(plan);
  const done = await ensureCopy(zone, { source: plan.source, repository, digest, tag: plan.version }, attempt);
  return yes(done === 'there' ? `${plan.targetRegistry} had it already` : `imported into ${plan.targetRegistry}`, {
    registry: plan.targetRegistry,
    digest,
    tag: plan.version,
    effect: done,
  });
}

export async function verifyDigest(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { repository, digest } = imageOf(request.plan);
  const registry = zone.ports.registry;
  const found = (await registry.manifest(repository, digest))?.digest;
  const tagged = await taggedDigest(registry, repository, request.plan.version);
  const refusal = copyRefusal({ registry: registry.host, version: request.plan.version, digest, found, tagged });
  if (refusal !== undefined) return no(refusal);
  return yes(`${registry.host} holds exactly ${shortDigest(digest)}`, {
    registry: registry.host,
    digest,
    tag: request.plan.version,
  });
}

/** An import never brings what refers to the image: signatures and manifests are copied one by one, by digest. */
export async function copySignatures(zone: Zone, request: StepRequest, attempt: Attempt<Imports>): Promise<StepAnswer> {
  const { plan } = request;
  const image = imageOf(plan);
  const source = sourceOf(zone, plan.source);
  const signatures = artefactsOf(await zone.ports.signatures.verify(source, image));
  const provenance = (await provenanceOf(zone, source, plan)).map((one) => one.artefact);
  const manifests = { digest: parseDigest(plan.manifests) };
  const wanted: readonly { digest: Digest; tag?: string }[] = [...signatures, ...provenance, manifests];
  for (const { digest, tag } of wanted) {
    await ensureCopy(
      zone,
      { source: plan.source, repository: image.repository, digest, ...(tag === undefined ? {} : { tag }) },
      attempt,
    );
  }
  for (const { digest } of wanted) await mustHold(zone.ports.registry, image.repository, digest);
  return yes(
    `${signatures.length} signature artefact${signatures.length === 1 ? '' : 's'} and the manifests are in ${plan.targetRegistry}`,
    {
      registry: plan.targetRegistry,
      signatures: signatures.map((one) => one.digest).join(' '),
      ...(provenance.length === 0 ? {} : { provenance: provenance.map((one) => one.digest).join(' ') }),
      manifests: plan.manifests,
    },
  );
}

/** Looks, asks for the copy only if it is missing, waits for it, looks again. */
async function ensureCopy(zone: Zone, wanted: ImportRequest, attempt: Attempt<Imports>): Promise<'there' | 'imported'> {
  const { registry, importer } = zone.ports;
  if (await isComplete(registry, wanted)) return attempt.saved()?.[wanted.digest] === undefined ? 'there' : 'imported';
  try {
    const ticket = (await knownTicket(registry, wanted, attempt)) ?? (await ask(zone, wanted, attempt));
    if (ticket !== ARRIVED) await importer.finish(ticket, attempt.signal);
    await mustHold(registry, wanted.repository, wanted.digest);
    return 'imported';
  } catch (error) {
    if (error instanceof PortError && OVER.includes(error.code)) remember(attempt, wanted.digest, undefined);
    throw error;
  }
}

async function ask(zone: Zone, wanted: ImportRequest, attempt: Attempt<Imports>): Promise<string> {
  remember(attempt, wanted.digest, { asked: true });
  const ticket = await zone.ports.importer.begin(wanted, attempt.signal);
  remember(attempt, wanted.digest, { ticket });
  return ticket;
}

function remember(attempt: Attempt<Imports>, digest: Digest, state: Imports[string] | undefined): void {
  const { [digest]: _, ...others } = attempt.saved() ?? {};
  attempt.save(state === undefined ? others : { ...others, [digest]: state });
}

async function knownTicket(
  registry: RegistryReader,
  wanted: ImportRequest,
  attempt: Attempt<Imports>,
): Promise<string | undefined> {
  const known = attempt.saved()?.[wanted.digest];
  if (known === undefined) return undefined;
  if ('ticket' in known) return known.ticket;
  for (let look = 0; look < LOST_TICKET_LOOKS && !attempt.signal.aborted; look += 1) {
    if (await isComplete(registry, wanted)) return ARRIVED;
    await new Promise((resolve) => setTimeout(resolve, LOST_TICKET_EVERY_MS));
  }
  return undefined;
}

async function isComplete(registry: RegistryReader, wanted: ImportRequest): Promise<boolean> {
  if ((await registry.manifest(wanted.repository, wanted.digest)) === undefined) return false;
  if (wanted.tag === undefined) return true;
  const tagged = await taggedDigest(registry, wanted.repository, wanted.tag);
  if (tagged === undefined || tagged === wanted.digest) return tagged !== undefined;
  throw new PortError('tag-conflict', `tag ${wanted.tag} in ${registry.host} means another image`, {
    retry: 'no',
    expected: wanted.digest,
    got: tagged,
    remedy: 'release this image under a version of its own; Sluice never moves a tag',
  });
}

/** A registry may call a failed import a success: what counts is what it serves. */
async function mustHold(registry: RegistryReader, repository: string, digest: Digest): Promise<void> {
  if ((await registry.manifest(repository, digest)) !== undefined) return;
  throw new PortError(
    'import-failed',
    `${registry.host} said that the import succeeded, but serves no ${repository}@${shortDigest(digest)}`,
    {
      retry: 'yes',
      expected: digest,
      got: 'no manifest',
      remedy: 'the import is tried again; look at the activity log of the target registry',
    },
  );
}
