/** Locking a promoted image, proving the lock, and taking it back. */
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { shortDigest } from '../src/domain/digest.ts';
import { isLocked } from '../src/policy/image-policy.ts';
import type { LockState, LockSubject } from '../src/ports/image-locks.ts';
import { PortError } from '../src/ports/port-error.ts';
import { imageOf, taggedDigest, yes, type Zone } from './zone.ts';

const LOCKED: LockState = { deletable: false, writable: false };
const OPEN: LockState = { deletable: true, writable: true };

/** Attributes are visible a little after they are set (registries replicate them): looks this often, this far apart. */
const LOOKS = 20;
const EVERY_MS = 250;

export async function lockImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan } = request;
  const { repository, digest } = imageOf(plan);
  for (const subject of subjects(request)) await ensure(zone, subject, LOCKED);
  const tagged = await taggedDigest(zone.ports.registry, repository, plan.version);
  if (tagged !== digest) {
    throw new PortError('tag-conflict', `tag ${plan.version} moved while it was being locked`, {
      retry: 'no',
      expected: digest,
      got: tagged ?? 'no such tag',
    });
  }
  return yes(`${shortDigest(digest)} and tag ${plan.version} are locked`, {
    registry: plan.targetRegistry,
    digest,
    tag: plan.version,
  });
}

/** Undo: opens what this promotion locked; what was locked before stays locked. */
export async function unlockImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  if (request.baseline.imageLocked) return yes('was locked before this promotion, stays locked');
  for (const subject of subjects(request)) {
    if ((await zone.ports.locks.read(subject)) !== undefined) await ensure(zone, subject, OPEN);
  }
  return yes('unlocked', { registry: request.plan.targetRegistry, digest: request.plan.image.digest });
}

function subjects({ plan }: StepRequest): readonly LockSubject[] {
  const { repository, digest } = imageOf(plan);
  return [
    { repository, tag: plan.version },
    { repository, digest },
  ];
}

/** Locks it, and returns when the registry shows that. Twice is once. */
export function ensureLocked(zone: Zone, subject: LockSubject): Promise<void> {
  return ensure(zone, subject, LOCKED);
}

/** Undeletable, but to be written to: what refers to it can be attached. */
export function letAttach(zone: Zone, subject: LockSubject): Promise<void> {
  return zone.ports.locks.set(subject, { deletable: false, writable: true });
}

async function ensure(zone: Zone, subject: LockSubject, wanted: LockState): Promise<void> {
  const { locks, registry } = zone.ports;
  if (same(await locks.read(subject), wanted)) return;
  await locks.set(subject, wanted);
  for (let look = 0; look < LOOKS; look += 1) {
    if (same(await locks.read(subject), wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const name = 'tag' in subject ? `${subject.repository}:${subject.tag}` : `${subject.repository}@${subject.digest}`;
  throw new PortError(
    'lock-not-effective',
    `${registry.host} accepted the attributes of ${name}, but does not show them`,
    {
      retry: 'yes',
      expected: JSON.stringify(wanted),
      got: JSON.stringify(await locks.read(subject)),
      remedy: 'the lock is tried again; look for whoever else changes attributes in that registry',
    },
  );
}

function same(found: LockState | undefined, wanted: LockState): boolean {
  if (found === undefined) return false;
  return wanted === LOCKED ? isLocked(found) : found.deletable && found.writable;
}
