/** A release whose image was signed by the real Cosign and whose promotion two people have signed for, and the evidence of it. */
import { createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EXAMPLE_KEYS, type ExampleManifest, readExample } from '../../examples/images.ts';
import { createKeyApprovals } from '../../src/adapters/approvals/keys.ts';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { PlanRequest } from '../../src/contract/activities.ts';
import type { PlannedPromotion } from '../../src/contract/plan.ts';
import type { GivenApproval } from '../../src/domain/approval.ts';
import { COMMON_SIGNATURES } from '../../src/domain/proof.ts';
import type { ApprovalRule } from '../../src/domain/rulebook.ts';
import { openArchive, packArchive } from '../../src/evidence/archive.ts';
import { withIndex } from '../../src/evidence/evidence-index.ts';
import { type Evidence, gatherEvidence, type Sources } from '../../src/evidence/gather.ts';
import { INDEX, type Part } from '../../src/evidence/layout.ts';
import { recordArtefact, toBeSigned } from '../../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE } from '../../src/evidence/record-predicate.ts';
import { promotionStatement, statementBytes } from '../../src/evidence/record-statement.ts';
import type { EvidenceTrust } from '../../src/evidence/trust.ts';
import { packManifests } from '../../src/manifests/artefact.ts';
import type { Artefact } from '../../src/ports/artefact-publisher.ts';
import { createTestRegistry, type TestRegistry } from '../ports/signatures/test-registry.ts';
import { historiesIn, type Told } from './histories.ts';
import { answerOf, aPerson, NOW, type Person } from './people.ts';
import { planned } from './scripted-activities.ts';

export const PATH = ['dev', 'production'] as const;
export const KEY = { service: 'iam', version: '2026.11.3' } as const;
const RULE: ApprovalRule = {
  required: 2,
  from: ['release-managers'],
  notRequester: true,
  deadlineMs: 3 * 86_400_000,
};

export interface EvidencedRelease {
  readonly image: { readonly repository: string; readonly digest: string };
  readonly manifests: string;
  readonly people: Readonly<Record<'grace' | 'linus', Person>>;
  /** With which each environment signs its records. */
  readonly keys: Readonly<Record<string, Person>>;
  readonly registries: Readonly<Record<string, TestRegistry>>;
  /** In the order in which they began. */
  readonly told: readonly Told[];
  readonly sources: Sources;
  readonly trust: EvidenceTrust;
  evidence(changed?: { readonly told?: readonly Told[] }): Promise<Evidence>;
}

export async function aReleaseWithEvidence(): Promise<EvidencedRelease> {
  const example = readExample('v1');
  const image = { repository: 'iam', digest: example.image.digest };
  const people = { grace: aPerson('grace'), linus: aPerson('linus', 'p-256') };
  const subject = {
    digest: example.image.digest,
    mediaType: example.image.mediaType,
    size: example.image.bytes.byteLength,
  };
  const files = PATH.map((name) => ({ path: `${name}/iam.yaml`, bytes: Buffer.from('kind: Service') }));
  const manifests = await packManifests(files, subject);
  const registries = Object.fromEntries(
    PATH.map((name) => {
      const registry = createTestRegistry(`${name}.example.test`);
      const blobs = example.blobs.map((one) => one.bytes);
      registry.push({ manifest: example.image.bytes, blobs, tag: KEY.version });
      for (const { bytes, tag } of example.signatures)
        registry.push({ manifest: bytes, blobs, ...(tag === undefined ? {} : { tag }) });
      registry.push({ manifest: manifests.manifest, blobs: manifests.blobs.map((one) => one.bytes) });
      return [name, registry] as const;
    }),
  );
  const keys = Object.fromEntries(PATH.map((name) => [name, aPerson(name, 'p-256')]));
  const told = await tellRelease(image, manifests.manifestDigest, people);
  for (const [at, environment] of PATH.entries()) {
    const record = recordOf(told[at + 1] as Told, keys[environment] as Person, example.image);
    // what is said of an image travels with it
    for (const name of PATH.slice(at)) {
      const blobs = record.blobs.map((one) => one.bytes);
      registries[name]?.push({ manifest: record.manifest, blobs });
    }
    leave(told[at + 1] as Told, told[0] as Told, record.manifestDigest);
  }
  const sources: Sources = {
    histories: historiesIn(told),
    registryOf: async (name) => registries[name]?.reader,
  };
  return {
    ...{ image, manifests: manifests.manifestDigest, people, keys, registries, told, sources },
    trust: trustIn(people, keys),
    evidence: ({ told: other = told } = {}) => gatherEvidence({ ...sources, histories: historiesIn(other) }, KEY),
  };
}

/** The signer of the example, these people as release managers, and these keys for records. */
export function trustIn(
  people: Readonly<Record<string, Person>>,
  keys: Readonly<Record<string, Person>> = {},
): EvidenceTrust {
  const pem = readFileSync(EXAMPLE_KEYS.trusted, 'utf8');
  const holders = Object.values(people).map(({ name, pem: key }) => {
    return { name, aliases: [], groups: ['release-managers'], keys: [key] };
  });
  return {
    signaturesAt: () => createCosignSignatures({ signatures: [{ kind: 'key', file: 'cosign.pub', pem }] }),
    signedBy: () => COMMON_SIGNATURES,
    isNamed: () => true,
    judge: async () => [],
    approvals: createKeyApprovals(holders),
    approvedBy: () => undefined,
    records: createCosignSignatures(
      Object.fromEntries(
        Object.entries(keys).map(([name, one]) => [name, [{ kind: 'key', file: name, pem: one.pem }]]),
      ),
    ),
    demandsRecord: (environment) => keys[environment] !== undefined,
  };
}

async function tellRelease(
  image: EvidencedRelease['image'],
  manifests: string,
  { grace, linus }: EvidencedRelease['people'],
): Promise<readonly Told[]> {
  const release = { workflowId: `release/${KEY.service}/${KEY.version}`, runId: 'run-of-the-release' };
  const promotions = await Promise.all(
    PATH.map(async (environment, at): Promise<Told> => {
      const source = PATH[Math.max(0, at - 1)] ?? environment;
      const request: PlanRequest = { ...KEY, environment, source, image, manifests, manifestsPublished: true };
      const isLast = environment === 'production';
      const plan = planned(request, isLast ? { approvals: { production: RULE } } : {});
      const given = isLast ? await Promise.all([grace, linus].map((person) => yesOf(person, plan.planDigest))) : [];
      const { manifestsPublished: _, ...input } = { ...request, requestedBy: 'ada', timing: {} };
      const asked = { ...plan, approvals: given, requestedBy: 'ada' };
      const workflowId = `promotion/${KEY.service}/${KEY.version}/${environment}`;
      const facts = { registry: plan.plan.targetRegistry, manifests };
      const steps = [
        { step: 'copy-signatures', state: 'done', does: 'copy', undo: '', facts },
        { step: 'record', state: 'done', does: 'record', undo: '', facts: {} },
      ];
      return {
        ...{ workflow: 'promotion', workflowId, runId: `run-in-${environment}`, parent: release, input },
        activities: [
          { name: 'planPromotion', request, answer: plan },
          { name: 'admit', request: asked, answer: plan },
          { name: 'copySignatures', request: asked, answer: { ok: true, summary: 'copied', facts } },
        ],
        result: {
          environment,
          outcome: { kind: 'released', reason: `${environment} runs iam ${KEY.version}` },
          planDigest: plan.planDigest,
          evidence: steps,
          runId: `run-in-${environment}`,
        },
      };
    }),
  );
  const own: Told = {
    ...{ workflow: 'release', ...release },
    input: { ...KEY, image: `iam:${KEY.version}`, manifests, requestedBy: 'ada' },
    children: promotions.map(({ workflowId, runId }) => ({ workflowId, runId })),
    result: {
      ...KEY,
      image,
      outcome: { kind: 'released', reason: `iam ${KEY.version} is in dev, production` },
      promotions: promotions.map((one) => one.result),
    },
  };
  return [own, ...promotions];
}

/** The environment's own word, signed with its key. */
function recordOf({ workflowId, runId, activities }: Told, key: Person, image: ExampleManifest): Artefact {
  const { plan, planDigest } = activities?.[0]?.answer as PlannedPromotion;
  const { approvals } = activities?.[1]?.request as { approvals: readonly GivenApproval[] };
  const statement = statementBytes(
    promotionStatement(plan, planDigest, {
      ...{ admittedAt: NOW.toISOString(), promotedAt: NOW.toISOString(), requestedBy: 'ada' },
      decision: { verdicts: [], gates: [], approvals: approvals.map(asRecorded), overrides: [] },
      effects: { manifests: plan.manifests, image: { tag: plan.version }, workloads: [], pods: [] },
      workflow: { id: workflowId, runId },
      engine: { name: 'sluice', version: '0.3.0' },
      reportedByEngine: { steps: [] },
    }),
  );
  const signature = sign('sha256', toBeSigned(statement), key.privateKey);
  const publicKey = createPublicKey(key.pem).export({ type: 'spki', format: 'der' });
  return recordArtefact(image, statement, PROMOTION_PREDICATE, { signature, publicKey }, NOW.toISOString());
}

function asRecorded({ approver, decision, planDigest, statement = '' }: GivenApproval) {
  return { approver, decision, planDigest, statement };
}

/** As the step tells it, to the release as well. */
function leave(promotion: Told, release: Told, record: string): void {
  const results = [promotion.result, ...(release.result as { promotions: unknown[] }).promotions];
  for (const result of results as { environment: string; evidence: { step: string; facts: object }[] }[]) {
    if (result.environment !== (promotion.result as { environment: string }).environment) continue;
    for (const step of result.evidence) if (step.step === 'record') Object.assign(step.facts, { record });
  }
}

async function yesOf(person: Person, planDigest: string): Promise<GivenApproval> {
  const facts = { ...KEY, release: `release/${KEY.service}/${KEY.version}`, environment: 'production', planDigest };
  const said = await answerOf(person, { facts, now: new Date(NOW.getTime() - 3_600_000) });
  return { ...said, groups: ['release-managers'], proof: 'key', at: new Date(NOW.getTime() - 3_599_000).toISOString() };
}

/** The same archive with other parts, and an index that says so: whoever alters evidence can write an index. */
export async function altered(bytes: Uint8Array, change: (parts: Part[]) => readonly Part[]): Promise<Buffer> {
  const parts = [...(await openArchive(bytes))];
  const without = parts.filter((part) => part.path !== INDEX);
  return packArchive(withIndex(change(without), { ...KEY, without: [] }));
}
