/** What a guardian looks at, part by part: each may fail for itself, and is then not known, while the others are. */
import type { PromotionRecord } from '../../src/contract/plan.ts';
import { parseDigest, shortDigest } from '../../src/domain/digest.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { FindingAbout, Seen } from '../../src/domain/finding.ts';
import { formatImage } from '../../src/domain/image-reference.ts';
import { imageFindings, lockFinding, proofFinding, standingFindings } from '../../src/policy/guardian-policy.ts';
import { signatureRefusal } from '../../src/policy/signature-policy.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { refusalOf } from '../failures.ts';
import type { GuardedRules } from '../guard.ts';
import { runnableDigests } from '../pull.ts';
import { wantedSignatures } from '../signatures.ts';
import { taggedDigest, type Zone } from '../zone.ts';

/** What is to be there. Without `manifests` the zone has forgotten with which manifests it came. */
export type Target = Pick<PromotionRecord, 'version' | 'since' | 'workflowId' | 'requestedBy' | 'objects'> & {
  readonly image: { readonly digest: string };
  readonly manifests?: string;
};

interface Sight {
  readonly zone: Zone;
  readonly rules: GuardedRules;
  readonly namespace: string;
  readonly target: Target;
  readonly signal: AbortSignal;
}

interface Part {
  /** As people read it. */
  readonly name: string;
  /** What it can find. */
  readonly about: readonly FindingAbout[];
  readonly look: (sight: Sight) => Promise<readonly Seen[]>;
}

export const PARTS: readonly Part[] = [
  { name: 'the cluster', about: ['running', 'ready', 'objects'], look: lookAtCluster },
  { name: 'the registry', about: ['image', 'manifests'], look: lookAtRegistry },
  { name: 'the image locks', about: ['locks'], look: lookAtLocks },
  { name: 'the signatures', about: ['proofs'], look: lookAtProofs },
];

/** Three requests for each workload, one for each other object. */
async function lookAtCluster({ zone, rules, namespace, target, signal }: Sight): Promise<readonly Seen[]> {
  const { registry, sight } = zone.ports;
  const { repository, workloads: configured } = rules.service;
  const digest = parseDigest(target.image.digest);
  const applied = target.objects.map((ref) => ({ ref, name: `${ref.kind}/${ref.name}`.toLowerCase() }));
  // a workload that is new in the rules was not brought by this promotion
  const workloads = configured.filter((one) => applied.length === 0 || applied.some(({ name }) => name === one));
  const objects = applied.filter(({ name }) => !workloads.includes(name)).map(({ ref }) => ref);
  const reference = formatImage({ repository, digest }, rules.environment.registryHost);
  const [standing, accepted] = await Promise.all([
    sight.look({ namespace, workloads, image: reference, objects }, signal),
    runnableDigests(registry, repository, digest),
  ]);
  return standingFindings({ standing, workloads, reference, accepted, version: target.version });
}

/** Three requests. */
async function lookAtRegistry({ zone, rules, target }: Sight): Promise<readonly Seen[]> {
  const { registry } = zone.ports;
  const { repository } = rules.service;
  const { version, manifests = '' } = target;
  const digest = parseDigest(target.image.digest);
  const [found, tagged, artefact] = await Promise.all([
    registry.manifest(repository, digest),
    taggedDigest(registry, repository, version),
    manifests === '' ? undefined : registry.manifest(repository, parseDigest(manifests)),
  ]);
  return imageFindings({
    ...{ registry: registry.host, repository, version, digest, manifests },
    ...{ found: found?.digest, tagged, hasManifests: manifests === '' || artefact !== undefined },
  });
}

/** Two requests, where the environment locks images. */
async function lookAtLocks({ zone, rules, target }: Sight): Promise<readonly Seen[]> {
  if (!rules.environment.lockImages) return [];
  const { locks, registry } = zone.ports;
  const { repository } = rules.service;
  const { version } = target;
  const digest = parseDigest(target.image.digest);
  const [image, tag] = await Promise.all([
    locks.read({ repository, digest }),
    locks.read({ repository, tag: version }),
  ]);
  return [
    ...lockFinding(`${repository}@${shortDigest(digest)}`, registry.host, image),
    ...lockFinding(`tag ${version}`, registry.host, tag),
  ];
}

/** As a promotion would be judged that arrives now: a key that was revoked since, and an exception that has ended, say no here. */
async function lookAtProofs({ zone, rules, target }: Sight): Promise<readonly Seen[]> {
  const { registry, signatures } = zone.ports;
  const { repository } = rules.service;
  const digest = parseDigest(target.image.digest);
  const name = `${repository}@${shortDigest(digest)}`;
  const wanted = wantedSignatures(zone);
  const verdict = await signatures.verify(registry, { repository, digest }, wanted);
  const refusal = signatureRefusal(verdict, name, registry.host, wanted);
  return refusal === undefined ? [] : [proofFinding('signatures', refusal)];
}

/** Whatever kept somebody from looking, as data. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof PortError) return refusalOf(error);
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
