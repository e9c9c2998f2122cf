/** Locking a promoted image, proving the lock, and taking it back. */
import pLimit from 'p-limit';
import type { StepAnswer, StepRequest } from '../src/contract/activities.ts';
import { type Digest, shortDigest } from '../src/domain/digest.ts';
import { isLocked } from '../src/policy/image-policy.ts';
import type { LockState, LockSubject } from '../src/ports/image-locks.ts';
import { PortError } from '../src/ports/port-error.ts';
import { collectGraph } from '../src/referrers/collect.ts';
import type { Graph } from '../src/referrers/graph.ts';
import { besideHere } from './beside.ts';
import { imageOf, taggedDigest, yes, type Zone } from './zone.ts';

const LOCKED: LockState = { deletable: false, writable: false };
/** What goes with the image may not be deleted, by a retention policy or by anybody; more may still be said of it. */
const KEPT: LockState = { deletable: false, writable: true };
const OPEN: LockState = { deletable: true, writable: true };

/** Attributes of so many manifests are changed together. */
const AT_ONCE = 8;

/** Others may have changed manifests of the repository meanwhile. */
const LISTED_WITH = 50;

/** Attributes are visible a little after they are set (registries replicate them): looks this often, this far apart. */
const LOOKS = 20;
const EVERY_MS = 250;

export async function lockImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { plan } = request;
  const { repository, digest } = imageOf(plan);
  const beside = await besideToKeep(zone, request);
  const [tag, image] = subjects(request);
  // the first one alone: those that come together would each ask for a token of their own
  await ensure(zone, tag, LOCKED);
  await Promise.all([ensure(zone, image, LOCKED), ensureAll(zone, repository, beside, KEPT)]);
  const tagged = await taggedDigest(zone.ports.registry, repository, plan.version);
  if (tagged !== digest) {
    throw new PortError('tag-conflict', `tag ${plan.version} moved while it was being locked`, {
      retry: 'no',
      expected: digest,
      got: tagged ?? 'no such tag',
    });
  }
  return yes(
    `${shortDigest(digest)} and tag ${plan.version} are locked, and ${beside.length} that go with it are kept`,
    {
      registry: plan.targetRegistry,
      digest,
      tag: plan.version,
      kept: String(beside.length),
    },
  );
}

/** Undo: opens what this promotion locked; what was locked before stays locked. */
export async function unlockImage(zone: Zone, request: StepRequest): Promise<StepAnswer> {
  const { baseline, plan } = request;
  await openImage(zone, request);
  if (plan.lockImages && plan.rollback !== true) await openBeside(zone, request, await besideHere(zone, plan));
  if (baseline.imageLocked) return yes('was locked before this promotion, stays locked');
  return yes('unlocked', { registry: plan.targetRegistry, digest: plan.image.digest });
}

/** The image and its tag alone. */
export async function openImage(zone: Zone, request: StepRequest): Promise<void> {
  for (const subject of subjects(request).filter((one) => !wasLocked(request, one))) {
    if ((await zone.ports.locks.read(subject)) !== undefined) await ensure(zone, subject, OPEN);
  }
}

/** What goes with the image, as it was found, unless it was kept before. */
export async function openBeside(zone: Zone, { plan, baseline }: StepRequest, { root, nodes }: Graph): Promise<void> {
  const before = (baseline.beside ?? []).filter(({ kept }) => kept === true).map(({ digest }) => digest);
  const opened = [...nodes.keys()].filter((digest) => digest !== root && !before.includes(digest));
  await ensureAll(zone, plan.image.repository, opened, OPEN);
}

/** A tag that was not there before was locked by nobody else, whatever its image was. */
function wasLocked({ baseline }: StepRequest, subject: LockSubject): boolean {
  return baseline.imageLocked && ('digest' in subject || baseline.tagPresent);
}

/** A registry takes them for untagged, so its own clean-up would. Whoever goes back finds them locked since the version ran there. */
async function besideToKeep(zone: Zone, { plan }: StepRequest): Promise<readonly Digest[]> {
  if (plan.rollback === true) return [];
  const image = imageOf(plan);
  const { nodes } = await collectGraph(zone.ports.registry, image, { what: 'untagged' });
  return [...nodes.keys()].filter((digest) => digest !== image.digest);
}

/**
 * Two lists instead of two looks at each: one shows what is open, one proves what was set. What they do not show, or show as it is wanted before
 * anything was set, is looked at by itself, since a list may lag behind.
 */
async function ensureAll(zone: Zone, repository: string, all: readonly Digest[], wanted: LockState): Promise<void> {
  if (all.length === 0) return;
  const { locks } = zone.ports;
  const line = pLimit(AT_ONCE);
  const list = () => locks.changedLast(repository, LISTED_WITH + all.length);
  const before = await list();
  const set = all.filter((digest) => before.has(digest) && !same(before.get(digest), wanted));
  await Promise.all(set.map((digest) => line(() => locks.set({ repository, digest }, wanted))));
  const after = set.length === 0 ? before : await list();
  const proven = set.filter((digest) => same(after.get(digest), wanted));
  const others = all.filter((digest) => !proven.includes(digest));
  await Promise.all(others.map((digest) => line(() => ensure(zone, { repository, digest }, wanted))));
}

function subjects({ plan }: StepRequest): readonly [tag: LockSubject, image: LockSubject] {
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

/** Not to be deleted, by a retention policy or by anybody. Twice is once. */
export function ensureKept(zone: Zone, subject: LockSubject): Promise<void> {
  return ensure(zone, subject, KEPT);
}

/** A locked image, for as long as something is attached to it: still undeletable, and its content cannot change under its digest. */
export function letAttach(zone: Zone, subject: LockSubject): Promise<void> {
  return zone.ports.locks.set(subject, KEPT);
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

/** What goes with an image is kept, whatever else somebody has locked of it. */
function same(found: LockState | undefined, wanted: LockState): boolean {
  if (found === undefined) return false;
  if (wanted === KEPT) return !found.deletable;
  return wanted === LOCKED ? isLocked(found) : found.deletable && found.writable;
}
