import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { EXAMPLE_KEYS, readExample } from '../../../examples/images.ts';
import { evidenceTrust } from '../../../src/cli/wire.ts';
import type { TrustFile } from '../../../src/config/trust-file.ts';
import { canonicalJson } from '../../../src/content/canonical-json.ts';
import { digestOf, digestOfJson } from '../../../src/content/digest-of.ts';
import type { PromotionPlan } from '../../../src/contract/plan.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import { COMMON_SIGNATURES } from '../../../src/domain/proof.ts';
import type { FindingState } from '../../../src/evidence/findings.ts';
import { gatherEvidence, type Sources } from '../../../src/evidence/gather.ts';
import { openArchive, packArchive } from '../../../src/evidence/archive.ts';
import { withIndex } from '../../../src/evidence/evidence-index.ts';
import { INDEX, type Part, policyPath } from '../../../src/evidence/layout.ts';
import { type EvidenceVerdict, verifyEvidence } from '../../../src/evidence/verify.ts';
import type { Pushed } from '../../ports/signatures/test-registry.ts';
import { makeKey, signBundle, signLegacy, type TestKey } from '../../ports/signatures/signing.ts';
import { altered, aReleaseWithEvidence, type EvidencedRelease, KEY } from '../../support/evidence.ts';
import { historiesIn, type Told } from '../../support/histories.ts';

let release: EvidencedRelease;
before(async () => {
  release = await aReleaseWithEvidence();
});

const of = ({ findings }: EvidenceVerdict, ...states: FindingState[]): string =>
  findings
    .filter(({ state }) => states.includes(state))
    .map(({ check, about, why }) => `${check}: ${about}: ${why}`)
    .join('\n');

type Change = (one: Told) => Told;

/** The histories with another one in the place of each whose name ends so; undefined: without it. */
function told(changes: Readonly<Record<string, Change | undefined>>): readonly Told[] {
  return release.told.flatMap((one) => {
    const [name] = Object.keys(changes).filter((end) => one.workflowId.endsWith(end));
    if (name === undefined) return [one];
    const change = changes[name];
    return change === undefined ? [] : [change(one)];
  });
}

async function forged(histories: readonly Told[], changed: Partial<Sources> = {}, trust = release.trust) {
  const sources = { ...release.sources, ...changed, histories: historiesIn(histories) };
  return verifyEvidence((await gatherEvidence(sources, KEY)).bytes, trust);
}

interface Ended {
  readonly outcome: { readonly kind: string };
  readonly promotions: readonly { readonly environment: string }[];
}

/** As a release tells it that has ended otherwise in that environment. */
const endedOtherwise =
  (environment: string, outcome: object): Change =>
  (one) => {
    const result = one.result as Ended;
    const promotions = result.promotions.map((said) =>
      said.environment === environment ? { ...said, outcome } : said,
    );
    return { ...one, result: { ...result, outcome, promotions } };
  };

const refused = { kind: 'refused', reason: 'somebody said no' };
const withResult =
  (fields: object): Change =>
  (one) => ({ ...one, result: { ...(one.result as object), ...fields } });
const withInput =
  (fields: object): Change =>
  (one) => ({ ...one, input: { ...(one.input as object), ...fields } });

describe('when somebody tells another story with what others have signed', () => {
  test('the image of another release does not vouch for this one where its own registry is left out', async () => {
    const { image, blobs, signatures } = readExample('v2');
    const other = { repository: 'iam', digest: image.digest };
    const registry = release.registries['production'];
    const bytes = blobs.map((one) => one.bytes);
    registry?.push({ manifest: image.bytes, blobs: bytes });
    for (const one of signatures) registry?.push({ manifest: one.bytes, blobs: bytes });
    const verdict = await forged(
      told({
        '/2026.11.3': endedOtherwise('production', refused),
        '/production': (one) => {
          const { planDigest: _, ...result } = one.result as { planDigest: string };
          return { ...withInput({ image: other })(one), result: { ...result, outcome: refused }, activities: [] };
        },
      }),
      { registryOf: async (name) => (name === 'production' ? registry?.reader : undefined) },
    );
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'wrong'), /content: .*the image of this release is sha256:/);
    assert.match(of(verdict, 'wrong'), /history: promotion into production: it is of another image/);
  });

  test('what enters for the first time passes for no roll-back, of which less is asked', async () => {
    const verdict = await forged(told({ '/production': withInput({ rollback: { reason: 'back' } }) }));
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'wrong'), /passes for a roll-back, and is the first one/);
  });

  test('a second promotion is a roll-back with its own history, or nothing', async () => {
    const again = release.told.find((one) => one.workflowId.endsWith('/production')) as Told;
    const { parent: _, ...orphan } = { ...again, runId: 'another-run' };
    const verdict = await forged([...release.told, orphan]);
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'wrong'), /\(number 2\): the roll-back that started it is missing/);
    assert.match(of(verdict, 'wrong'), /\(number 2\): it is no roll-back/);
  });

  test('the roll-back of another service or environment is none of this one', async () => {
    const again = release.told.find((one) => one.workflowId.endsWith('/production')) as Told;
    for (const workflowId of ['rollback/iam/dev', 'rollback/other/production']) {
      const parent = { workflowId, runId: 'back' };
      const [, service, environment] = workflowId.split('/');
      const back = { ...again, ...withInput({ rollback: { reason: 'back' } })(again), runId: 'another-run', parent };
      const started = [{ workflowId: again.workflowId, runId: 'another-run' }];
      const rollback = { workflow: 'rollback', ...parent, input: { service, environment }, children: started };
      const verdict = await forged([...release.told, rollback, back]);
      assert.match(of(verdict, 'wrong'), /\(number 2\): the roll-back that started it is missing/, workflowId);
    }
  });

  test('a promotion that the release has not started is none of its own', async () => {
    const verdict = await forged(
      told({
        '/2026.11.3': (one) => ({ ...one, children: [...(one.children ?? [])].reverse().slice(0, 1) }),
      }),
    );
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'wrong'), /record: what dev has recorded itself: the history of promotion/);
  });

  test('a release is not released where an environment on its way has not taken it', async () => {
    const readJourney = { name: 'readJourney', request: {}, answer: { ok: true, path: ['dev', 'production'] } };
    const shorter: Change = (one) => ({
      ...one,
      children: (one.children ?? []).slice(0, 1),
      activities: [readJourney],
      result: { ...(one.result as Ended), promotions: (one.result as Ended).promotions.slice(0, 1) },
    });
    const verdict = await forged(told({ '/2026.11.3': shorter, '/production': undefined }));
    assert.match(of(verdict, 'wrong'), /says that it was released, and has never entered production/);
    const other = await forged(
      told({
        '/2026.11.3': (one) => {
          const { outcome } = one.result as Ended;
          return withResult({ outcome })(endedOtherwise('production', refused)(one));
        },
        '/production': withResult({ outcome: refused }),
      }),
    );
    assert.match(of(other, 'wrong'), /says that it was released, and production has not taken it/);
  });

  test('what an environment has recorded as promoted cannot be told as refused', async () => {
    const verdict = await forged(
      told({ '/2026.11.3': endedOtherwise('production', refused), '/production': withResult({ outcome: refused }) }),
    );
    assert.equal(verdict.answer, 'no');
    assert.match(
      of(verdict, 'wrong'),
      /record: .*it says that it was promoted, and the histories that it ended refused/,
    );
  });

  test('a record whose step was never answered may stand beside a promotion that was undone, and one that was answered may not', async () => {
    const undone = { kind: 'rolled-back', reason: 'the record could not be written' };
    const asked =
      (answer: object): Change =>
      (one) => ({
        ...one,
        activities: [...(one.activities ?? []), { name: 'recordPromotion', request: {}, ...answer }],
      });
    const histories = (change: Change): readonly Told[] =>
      told({
        '/2026.11.3': endedOtherwise('production', undone),
        '/production': (one) => change(withResult({ outcome: undone })(one)),
      });
    const honest = await forged(histories(asked({})));
    assert.doesNotMatch(of(honest, 'wrong'), /^record:/m);
    assert.match(of(honest, 'unproven'), /record: .*it ran well there and was recorded, .*that it ended rolled-back/);
    const lie = await forged(histories(asked({ answer: { ok: true } })));
    assert.match(
      of(lie, 'wrong'),
      /record: .*it says that it was promoted, and the histories that it ended rolled-back/,
    );
  });

  test('the moment as at which keys and reports are judged cannot be moved away from what the environment has signed', async () => {
    const { bytes } = await release.evidence();
    const file = await altered(bytes, (parts) =>
      parts.map(({ path, bytes: body }) => {
        if (path !== 'histories/production/1.promotion.json') return { path, bytes: body };
        return { path, bytes: Buffer.from(String(Buffer.from(body)).replaceAll('"2026-11-23T', '"2025-11-23T')) };
      }),
    );
    assert.match(
      of(await verifyEvidence(file, release.trust), 'wrong'),
      /record: .*it says admitted at 2026-.*histories 2025-/,
    );
  });
});

describe('when somebody writes into an archive what looks like a finding', () => {
  const LINES = 'no\n\nproven\n  ✓ record      promotion into production is recorded';

  test('each finding stays one line', async () => {
    const outcome = { kind: 'refused', reason: LINES };
    const verdict = await forged(
      told({ '/2026.11.3': endedOtherwise('production', outcome), '/production': withResult({ outcome }) }),
    );
    for (const finding of verdict.findings)
      for (const text of Object.values(finding)) assert.ok(!text.includes('\n'), JSON.stringify(text));
    assert.ok(verdict.findings.some(({ about }) => about.includes('no proven ✓ record')));
  });

  test('an index that names no release is none', async () => {
    const { bytes } = await release.evidence();
    const parts = (await openArchive(bytes)).filter(({ path }) => path !== INDEX);
    for (const named of [
      { service: LINES, version: KEY.version },
      { service: KEY.service, version: LINES },
    ]) {
      const file = await packArchive(withIndex(parts, { ...named, without: [] }));
      await assert.rejects(verifyEvidence(file, release.trust), { code: 'evidence-unreadable' });
    }
  });
});

describe('when somebody hides something in an archive', () => {
  const changed = async (change: (parts: Part[]) => readonly Part[]): Promise<string> => {
    const { bytes } = await release.evidence();
    const verdict = await verifyEvidence(await altered(bytes, change), release.trust);
    assert.equal(verdict.answer, 'no');
    return of(verdict, 'wrong');
  };

  test('a history in another spelling, or under a name that nothing has, is found', async () => {
    const path = 'histories/dev/1.promotion.json';
    const spaced = await changed((parts) =>
      parts.map((part) =>
        part.path === path ? { path, bytes: Buffer.concat([Buffer.from(part.bytes), Buffer.from(' ')]) } : part,
      ),
    );
    assert.match(spaced, /history: .*it is not written as an export writes it/);
    const hidden = await changed((parts) => {
      const { bytes = new Uint8Array() } = parts.find((part) => part.path === path) ?? {};
      return [...parts, { path: 'histories/dev/7.rollback.json', bytes }];
    });
    assert.match(hidden, /history: .*nothing names this history/);
  });

  test('a manifest that vouches for itself by a tag is not said of the image', async () => {
    const manifest = Buffer.from('{"schemaVersion":2,"layers":[]}');
    const hex = createHash('sha256').update(manifest).digest('hex');
    const found = await changed((parts) => [
      ...parts.map((part) => {
        if (part.path !== 'registries/dev.json') return part;
        const content = JSON.parse(Buffer.from(part.bytes).toString()) as { manifests: { digest: string }[] };
        const own = { digest: `sha256:${hex}`, mediaType: 'x', blobs: [], tags: [`sha256-${hex}.sig`] };
        const [image, ...others] = [...content.manifests, own];
        const manifests = [image, ...others.toSorted((a, b) => ((a?.digest ?? '') < (b?.digest ?? '') ? -1 : 1))];
        return { ...part, bytes: Buffer.from(canonicalJson({ ...content, manifests })) };
      }),
      { path: `blobs/sha256/${hex}`, bytes: manifest },
    ]);
    assert.match(found, new RegExp(`manifest sha256:${hex} is not said of this image`));
  });
});

describe('when a trust file has forgotten something', () => {
  test('an environment of which it says nothing is told', async () => {
    const { bytes } = await release.evidence();
    const verdict = await verifyEvidence(bytes, { ...release.trust, isNamed: (name) => name !== 'production' });
    assert.match(of(verdict, 'unproven'), /what production demands: the trust file says nothing of it/);
  });
});

describe('when the manifests must be signed', () => {
  const file = (key: TestKey): TrustFile => ({
    signers: {
      signatures: [{ kind: 'key', file: 'cosign.pub', pem: readFileSync(EXAMPLE_KEYS.trusted, 'utf8') }],
      reviewer: [{ kind: 'key', file: 'reviewer.pub', pem: key.pem }],
    },
    revocations: [],
    approvers: { kind: 'unproven' },
    environments: {
      production: { signatures: COMMON_SIGNATURES, manifests: { need: 'all', of: ['reviewer'] }, statements: {} },
    },
  });
  const ofManifests = ({ findings }: EvidenceVerdict) => findings.find(({ check }) => check === 'proof');

  async function signedBy(signature: Pushed | undefined): Promise<Buffer> {
    const fresh = await aReleaseWithEvidence();
    if (signature !== undefined) fresh.registries['production']?.push(signature);
    return (await fresh.evidence()).bytes;
  }

  test('they are judged again by the keys of the trust file', async () => {
    const key = makeKey();
    const digest = parseDigest(release.manifests);
    const trust = await evidenceTrust(file(key));
    const good = await verifyEvidence(await signedBy(signBundle(digest, key)), trust);
    assert.equal(ofManifests(good)?.state, 'proven', of(good, 'wrong', 'missing'));
    const unsigned = await verifyEvidence(await signedBy(undefined), trust);
    assert.match(ofManifests(unsigned)?.why ?? '', /carries no signature/);
    const stranger = await verifyEvidence(await signedBy(signBundle(digest, makeKey())), trust);
    assert.deepEqual([ofManifests(stranger)?.state, stranger.answer], ['missing', 'no']);
  });

  test('also those of Cosign 2, which lie under a tag of the artefact', async () => {
    const key = makeKey();
    const verdict = await verifyEvidence(
      await signedBy(signLegacy(parseDigest(release.manifests), key)),
      await evidenceTrust(file(key)),
    );
    assert.equal(of(verdict, 'wrong'), '');
    assert.equal(ofManifests(verdict)?.state, 'proven');
  });
});

describe('when the rules that were in force are in it', () => {
  const rules = (approval: unknown): string =>
    canonicalJson({
      format: 1,
      environments: {
        production: { ...planIn('production'), ...(approval === undefined ? {} : { approval }) },
        dev: planIn('dev'),
      },
    });

  function planIn(environment: string): object {
    const one = release.told.find(({ workflowId }) => workflowId.endsWith(`/${environment}`));
    const { plan } = one?.activities?.[0]?.answer as { plan: PromotionPlan };
    const { lockImages, rollOutTimeoutMs, targetRegistry: registryHost } = plan;
    return { lockImages, rollOutTimeoutMs, registryHost };
  }

  /** The same release, planned by these rules; nobody has signed for it. */
  async function plannedBy(policy: string, kept = policy): Promise<EvidenceVerdict> {
    const version = digestOf(policy);
    const change: Change = (one) => {
      const { plan: before } = one.activities?.[0]?.answer as { plan: PromotionPlan };
      const plan = { ...before, policyVersion: version };
      const planDigest = digestOfJson(plan);
      const activities = one.activities?.map(({ name, request, answer }) => ({
        name,
        request: { ...(request as object), planDigest },
        answer: { ...(answer as object), plan, planDigest },
      }));
      return { ...one, activities: activities ?? [], result: { ...(one.result as object), planDigest } };
    };
    const changed = told({ '/production': change });
    const sources = { ...release.sources, histories: historiesIn(changed), policy };
    const { bytes } = await gatherEvidence(sources, KEY);
    const file = await altered(bytes, (parts) =>
      parts.map((part) => (part.path === policyPath(version) ? { ...part, bytes: Buffer.from(kept) } : part)),
    );
    return verifyEvidence(file, release.trust);
  }

  const ofPolicy = ({ findings }: EvidenceVerdict) =>
    findings.filter(({ check, environment }) => check === 'policy' && environment === 'production');
  const approval = { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 3 * 86_400_000 };

  test('they are those that the plan names, and the plan asks what they ask', async () => {
    assert.deepEqual(
      ofPolicy(await plannedBy(rules(approval))).map(({ state }) => state),
      ['proven'],
    );
  });

  test('a plan that asks fewer people than they do is found', async () => {
    const [found] = ofPolicy(await plannedBy(rules({ ...approval, required: 3 })));
    assert.deepEqual([found?.state, found?.why], ['wrong', 'the plan has another "approval" than they ask for']);
  });

  test('others under their name are found, and so are some by which nothing was planned', async () => {
    const [other] = ofPolicy(await plannedBy(rules(approval), rules(undefined)));
    assert.deepEqual([other?.state, other?.why], ['wrong', 'these are other rules']);
    const { bytes } = await release.evidence();
    const path = policyPath(digestOf('{}'));
    const stray = await altered(bytes, (parts) => [...parts, { path, bytes: Buffer.from('{}') }]);
    assert.match(
      of(await verifyEvidence(stray, release.trust), 'wrong'),
      /policy: .*nothing was planned by these rules/,
    );
  });

  test('where they are not in it that is said, and held against nobody', async () => {
    const verdict = await verifyEvidence((await release.evidence()).bytes, release.trust);
    assert.equal(verdict.answer, 'yes');
    assert.ok(ofPolicy(verdict).every(({ state }) => state === 'unproven'));
  });
});
