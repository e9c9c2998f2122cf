/** Attaching something that refers to an image, also where its registry attaches nothing to what is locked. */
import type { Image } from '../src/domain/image-reference.ts';
import { shortDigest } from '../src/domain/digest.ts';
import type { Artefact, ArtefactPublisher } from '../src/ports/artefact-publisher.ts';
import { PortError } from '../src/ports/port-error.ts';
import { letAttach } from './locks.ts';
import type { Zone } from './zone.ts';

export interface Attaching {
  readonly publisher: ArtefactPublisher;
  readonly image: Image;
  readonly artefact: Artefact;
  /** Whether the environment locks its images: only then may one be opened for it. */
  readonly lockImages: boolean;
}

/** Meanwhile the image stays undeletable, and its content cannot change under its digest. Whoever calls has to lock it again. */
export async function attach(zone: Zone, { publisher, image, artefact, lockImages }: Attaching): Promise<void> {
  try {
    await publisher.publish(image.repository, artefact);
  } catch (error) {
    if (!lockImages || !(error instanceof PortError) || error.code !== 'image-locked') throw error;
    await letAttach(zone, image);
    await publisher.publish(image.repository, artefact);
  }
  await mustHold(zone, image.repository, artefact);
}

/** Success is no proof: what counts is what the registry serves. */
async function mustHold(
  { ports: { registry } }: Zone,
  repository: string,
  { manifestDigest }: Artefact,
): Promise<void> {
  if ((await registry.manifest(repository, manifestDigest)) !== undefined) return;
  const message = `${registry.host} took ${shortDigest(manifestDigest)} in ${repository}, and does not serve it`;
  const remedy = 'it is tried again; replication may delay it';
  throw new PortError('registry-protocol', message, {
    retry: 'yes',
    expected: manifestDigest,
    got: 'no manifest',
    remedy,
  });
}
