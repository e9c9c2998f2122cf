/** What a guardian looks at, part by part: each may fail for itself, and is then not known, while the others are. */
import type { PromotionRecord } from '../../src/contract/plan.ts';
import { parseDigest, shortDigest } from '../../src/domain/digest.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { FindingAbout, Seen } from '../../src/domain/finding.ts';
import { formatImage } from '../../src/domain/image-reference.ts';
import { planPromotion, type PromotionAsked } from '../../src/plan/plan-promotion.ts';
import {
  imageFindings,
  lockFinding,
  proofFinding,
  recordFinding,
  standingFindings,
} from '../../src/policy/guardian-policy.ts';
import type { SightRequest, Standing } from '../../src/ports/cluster-sight.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { refusalOf } from '../failures.ts';
import type { GuardedRules } from '../guard.ts';
import { readHistory } from '../known-good.ts';
import { runnableDigests } from '../pull.ts';
import { judgeImage } from '../signatures.ts';
import { taggedDigest, type Zone } from '../zone.ts';

/** What is to be there. Without `manifests` the zone has forgotten with which manifests it came. */
export type Target = Pick<
  PromotionRecord,
  'version' | 'since' | 'workflowId' | 'requestedBy' | 'objects' | 'adopted'
> & {
  readonly image: { readonly digest: string };
  readonly manifests?: string;
  readonly signed?: string;
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
  { name: 'the registry', about: ['image', 'manifests', 'record'], look: lookAtRegistry },
  { name: 'the image locks', about: ['locks'], look: lookAtLocks },
  { name: 'the signatures', about: ['proofs'], look: lookAtProofs },
];

/** Three requests for each workload, one for each other object. */
async function lookAtCluster({ zone, rules, namespace, target, signal }: Sight): Promise<readonly Seen[]> {
  const { registry } = zone.ports;
  const { repository, workloads: configured } = rules.service;
  const digest = parseDigest(target.image.digest);
  const applied = target.objects.map((ref) => ({ ref, name: `${ref.kind}/${ref.name}`.toLowerCase() }));
  // a workload that is new in the rules was not brought by this promotion
  const workloads = configured.filter((one) => applied.length === 0 || applied.some(({ name }) => name === one));
  const objects = applied.filter(({ name }) => !workloads.includes(name)).map(({ ref }) => ref);
  const reference = formatImage({ repository, digest }, rules.environment.registryHost);
  const [standing, accepted] = await Promise.all([
    standingOf(zone, { namespace, workloads, image: reference, objects }, target, signal),
    runnableDigests(registry, repository, digest),
  ]);
  return standingFindings({ standing, workloads, reference, accepted, version: target.version });
}

/** What was adopted still names its image as it was found, and answers here as if it named it by digest. */
async function standingOf(
  { ports: { sight } }: Zone,
  request: SightRequest,
  { adopted }: Target,
  signal: AbortSignal,
): Promise<Standing> {
  if (adopted === undefined) return sight.look(request, signal);
  const looks = await Promise.all(
    request.workloads.map((workload) => {
      const image = adopted.images[workload] ?? request.image;
      return sight.look({ ...request, workloads: [workload], image, objects: [] }, signal);
    }),
  );
  const { missing } = await sight.look({ ...request, workloads: [] }, signal);
  const workloads = looks
    .flatMap((one) => one.workloads)
    .map((one) => {
      const found = adopted.images[one.workload];
      return { ...one, images: one.images.map((image) => (image === found ? request.image : image)) };
    });
  return { workloads, missing };
}

/** Three requests, and one where the environment signs records. */
async function lookAtRegistry({ zone, rules, target }: Sight): Promise<readonly Seen[]> {
  const { registry } = zone.ports;
  const { repository } = rules.service;
  const { version, manifests = '', signed = '' } = target;
  const digest = parseDigest(target.image.digest);
  const has = async (text: string): Promise<boolean> =>
    text === '' || (await registry.manifest(repository, parseDigest(text))) !== undefined;
  const [found, tagged, hasManifests, hasRecord] = await Promise.all([
    registry.manifest(repository, digest),
    taggedDigest(registry, repository, version),
    has(manifests),
    has(signed),
  ]);
  const isPromoted = target.adopted === undefined;
  const isTagged = rules.environment.lockImages || (isPromoted && rules.service.path[0] !== zone.environment);
  const facts = { registry: registry.host, repository, version, digest, manifests, isTagged };
  return [
    ...imageFindings({ ...facts, found: found?.digest, tagged, hasManifests }),
    ...(hasRecord ? [] : [recordFinding(`the signed record of ${version}`, signed, 'no such manifest')]),
  ];
}

/** Two requests, where the environment locks images; what was adopted nobody has locked. */
async function lookAtLocks({ zone, rules, target }: Sight): Promise<readonly Seen[]> {
  if (!rules.environment.lockImages || target.adopted !== undefined) return [];
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
async function lookAtProofs(sight: Sight): Promise<readonly Seen[]> {
  const { zone, namespace, rules, target } = sight;
  // what was not proven when it was adopted has been told then; it holds no release back that will be
  if (target.adopted?.unproven !== undefined) return [];
  const judged = await judgeImage(zone, asIfPromoted(sight, target.adopted === undefined ? {} : { rollback: {} }));
  if (judged.answer.ok) return [];
  // what was brought back was let in for having run well there before, and is asked for less
  const history = await readHistory(zone, namespace, rules.service.name);
  const known = history.find((one) => one.version === target.version && one.image.digest === target.image.digest);
  const again =
    known?.broughtBackAt === undefined ? judged : await judgeImage(zone, asIfPromoted(sight, { rollback: {} }));
  return again.answer.ok ? [] : [proofFinding(`what is wanted of ${target.version}`, again.answer.refusal)];
}

function asIfPromoted(
  { zone, rules, target }: Sight,
  back: Pick<PromotionAsked, 'rollback'>,
): Parameters<typeof judgeImage>[1] {
  const { service, environment } = rules;
  const { version, manifests = '', requestedBy, workflowId } = target;
  const plan = planPromotion({
    ...{ service, version, target: environment, source: environment, manifests },
    image: { repository: service.repository, digest: target.image.digest },
    policyVersion: zone.rulebook.policyVersion,
    ...back,
  });
  const baseline = { imagePresent: true, tagPresent: true, imageLocked: environment.lockImages, existing: [] };
  return { plan, planDigest: '', baseline, approvals: [], requestedBy, workflowId, at: 'destination' };
}

/** Whatever kept somebody from looking, as data. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof PortError) return refusalOf(error);
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
