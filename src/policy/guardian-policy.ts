/** What an environment shows, held against what a promotion left there: what is not the same, and what is to be done about it. */
import type { ErrorCode, Refusal } from '../domain/error-code.ts';
import type { FindingAbout, Seen } from '../domain/finding.ts';
import { formatRef } from '../domain/manifest-object.ts';
import { ON_DRIFT, type OnDrift } from '../domain/rulebook.ts';
import type { Standing, StandingWorkload } from '../ports/cluster-sight.ts';
import type { LockState } from '../ports/image-locks.ts';
import { isLocked } from './image-policy.ts';

export interface StandingFacts {
  readonly standing: Standing;
  readonly workloads: readonly string[];
  /** `host/repository@sha256:…`. */
  readonly reference: string;
  /** Digests that a node may report for it, the image's own first. */
  readonly accepted: readonly string[];
  readonly version: string;
}

const RELEASE_AGAIN =
  'release the same image again under a new version, or leave it with "sluice rollback" for what ran before';

export function standingFindings({ standing, workloads, reference, accepted, version }: StandingFacts): Seen[] {
  const gone = standing.missing.map((ref) => missing(formatRef(ref), version));
  const found = workloads.flatMap((name) => {
    const there = standing.workloads.find((one) => one.workload === name);
    return there === undefined ? [missing(name, version)] : workloadFindings(there, reference, accepted);
  });
  return [...found, ...gone];
}

function missing(what: string, version: string): Seen {
  return {
    about: 'objects',
    what,
    code: 'object-missing',
    message: `${what} of ${version} is not there any more`,
    remedy: RELEASE_AGAIN,
  };
}

/** Names of pods are no part of it: they change while nothing else does. */
function workloadFindings(
  { workload, images, pods }: StandingWorkload,
  reference: string,
  accepted: readonly string[],
): Seen[] {
  const another = (got: readonly string[]): Seen => ({
    about: 'running',
    what: workload,
    code: 'running-digest-mismatch',
    message: `${workload} runs something else than was promoted`,
    expected: reference,
    got: [...new Set(got)].toSorted().join(', '),
    remedy: `look for whoever changed it past Sluice; ${RELEASE_AGAIN}`,
  });
  if (!images.includes(reference)) return [another(images)];
  const strangers = pods.filter((pod) => !accepted.includes(pod.imageDigest));
  if (strangers.length > 0) return [another(strangers.map((pod) => pod.imageDigest))];
  if (pods.length > 0) return [];
  const message = `no pod of ${workload} is ready`;
  return [{ about: 'ready', what: workload, code: 'not-ready', message, remedy: 'look at its pods and their events' }];
}

export interface ImageFacts {
  readonly registry: string;
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  /** What the registry serves under that digest; undefined: nothing. */
  readonly found: string | undefined;
  readonly tagged: string | undefined;
  /** The promotion has left a tag of the version; into the first environment of a path nothing is imported. */
  readonly isTagged: boolean;
  readonly manifests: string;
  readonly hasManifests: boolean;
}

export function imageFindings(facts: ImageFacts): Seen[] {
  const { registry, repository, version, digest, found, tagged, isTagged, manifests, hasManifests } = facts;
  const findings: Seen[] = [];
  if (found === undefined) {
    findings.push({
      ...{ about: 'image', what: `${repository}@${digest}`, code: 'image-not-found' },
      message: `${registry} does not have the image any more: a pod that moves to another node cannot pull it`,
      expected: digest,
      got: 'no such manifest',
      remedy: 'release it again under a new version; look for whoever removed it',
    });
  }
  if (tagged !== digest && (isTagged || tagged !== undefined)) {
    findings.push({
      ...{ about: 'image', what: `tag ${version}`, code: 'tag-conflict' },
      message: `tag ${version} of ${repository} in ${registry} does not mean what was promoted`,
      expected: digest,
      got: tagged ?? 'no such tag',
      remedy: 'look for whoever moved it: Sluice never moves a tag',
    });
  }
  if (!hasManifests) {
    findings.push({
      ...{ about: 'manifests', what: `${repository}@${manifests}`, code: 'manifests-missing' },
      message: `${registry} does not have the manifests any more: nobody can come back to ${version}`,
      expected: manifests,
      got: 'no such manifest',
      remedy: 'release it again under a new version; look for whoever removed them',
    });
  }
  return findings;
}

/** One that the registry does not have at all has been found already. */
export function lockFinding(what: string, registry: string, state: LockState | undefined): Seen[] {
  if (state === undefined || isLocked(state)) return [];
  const open = [state.deletable ? ['deletable'] : [], state.writable ? ['writable'] : []].flat().join(' and ');
  return [
    {
      ...{ about: 'locks', what, code: 'image-unlocked' },
      message: `${what} in ${registry} is not locked any more`,
      expected: 'neither deletable nor writable',
      got: open,
      remedy: 'lock it again, and look for whoever opened it',
    },
  ];
}

/** A no of a rule that it passed when it was promoted. */
export function proofFinding(what: string, refusal: Refusal): Seen {
  return { ...refusal, about: 'proofs', what };
}

export function recordFinding(what: string, expected: string, got: string): Seen {
  return {
    ...{ about: 'record', what, code: 'record-gone', expected, got },
    message: `${what} is not what the promotion left`,
    remedy: 'look for whoever removed or changed it; the next promotion leaves it again',
  };
}

/** A part of which nothing is known now. */
export function blindFinding(what: string, { code, message, remedy }: Refusal): Seen {
  return { about: 'blind', what, code, message, ...(remedy === undefined ? {} : { remedy }) };
}

/**
 * The most that each kind of finding can ask for. What runs, and may not, is gone back from; what protects it is missing: nothing new
 * enters; that nothing is ready, or could not be looked at, is for people.
 */
const MOST: Readonly<Record<FindingAbout, OnDrift>> = {
  running: 'rollback',
  proofs: 'rollback',
  objects: 'hold',
  image: 'hold',
  manifests: 'hold',
  locks: 'hold',
  record: 'hold',
  ready: 'alert',
  blind: 'alert',
};

/** More known vulnerabilities, a report that is too old, an exception that has ended: what ran before has had them for longer. */
const NO_BETTER_BEFORE: readonly ErrorCode[] = ['vulnerabilities-refused'];

function mostFor({ about, code }: Seen): OnDrift {
  return about === 'proofs' && NO_BETTER_BEFORE.includes(code) ? 'hold' : MOST[about];
}

export interface Wanted {
  readonly wanted: OnDrift;
  /** Why that is less than the rules say. */
  readonly because?: string;
}

/** `isHeld`: somebody holds the service there already, so that people are at it, or a roll-back was. */
export function wantedFor(findings: readonly Seen[], onDrift: OnDrift, isHeld: boolean): Wanted {
  const most = Math.max(0, ...findings.map((one) => ON_DRIFT.indexOf(mostFor(one))));
  const wanted = ON_DRIFT[Math.min(most, ON_DRIFT.indexOf(onDrift))] ?? 'alert';
  if (wanted === 'alert' || !isHeld) return { wanted };
  return { wanted: 'alert', because: 'the service is held there already' };
}
