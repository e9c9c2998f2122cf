import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { canonicalJson } from '../../../src/content/canonical-json.ts';
import { openArchive } from '../../../src/evidence/archive.ts';
import { derivedParts, releaseIn } from '../../../src/evidence/derived.ts';
import { type Evidence, gatherEvidence } from '../../../src/evidence/gather.ts';
import type { FindingState } from '../../../src/evidence/findings.ts';
import type { Part } from '../../../src/evidence/layout.ts';
import { type EvidenceVerdict, verifyEvidence } from '../../../src/evidence/verify.ts';
import { altered, aReleaseWithEvidence, type EvidencedRelease, KEY, trustIn } from '../../support/evidence.ts';
import type { Told } from '../../support/histories.ts';
import { aPerson } from '../../support/people.ts';

let release: EvidencedRelease;
let evidence: Evidence;
before(async () => {
  release = await aReleaseWithEvidence();
  evidence = await release.evidence();
});

const look = (bytes: Uint8Array, trust = release.trust): Promise<EvidenceVerdict> => verifyEvidence(bytes, trust);
const of = ({ findings }: EvidenceVerdict, ...states: FindingState[]): readonly string[] =>
  findings.filter(({ state }) => states.includes(state)).map(({ check, about, why }) => `${check}: ${about}: ${why}`);

describe('when evidence of a release is looked at', () => {
  test('exported twice from the same state it is the same bytes', async () => {
    assert.deepEqual((await release.evidence()).bytes, evidence.bytes);
    assert.deepEqual([evidence.registries, evidence.without], [['dev', 'production'], []]);
  });

  test('whatever the order in which its parts are read, the documents are the same', async () => {
    const parts = await openArchive(evidence.bytes);
    const documents = (all: readonly Part[]) =>
      derivedParts(releaseIn(all)).map(({ path, bytes }) => [path, String(bytes)]);
    assert.deepEqual(documents(parts.toReversed()), documents(parts));
    const { promotions } = releaseIn(parts.toReversed());
    assert.deepEqual(
      promotions.map(({ environment }) => environment),
      ['dev', 'production'],
      'in the order in which the release has entered them',
    );
  });

  test('it proves who signed the image in each registry, and who agreed to what', async () => {
    const verdict = await look(evidence.bytes);
    assert.deepEqual(of(verdict, 'wrong', 'missing'), []);
    assert.equal(verdict.answer, 'yes');
    const proven = verdict.findings.filter(({ state }) => state === 'proven');
    const signed = proven.filter(({ check }) => check === 'signature');
    assert.deepEqual(signed.map(({ environment }) => environment).toSorted(), ['dev', 'production']);
    assert.ok(signed.every(({ by }) => by?.startsWith('signatures (key cosign.pub')));
    const agreed = proven.find(({ check }) => check === 'approval');
    assert.match(agreed?.by ?? '', /^grace \(key, .*\), linus \(key, .*\)$/);
  });

  test('its name is the digest of its index, and another one than was asked for is a no', async () => {
    const other = await verifyEvidence(evidence.bytes, release.trust, release.image.digest as never);
    assert.equal(other.answer, 'no');
    assert.equal((await verifyEvidence(evidence.bytes, release.trust, evidence.name)).answer, 'yes');
  });

  test('it holds no layer of the image and nothing of what the clients keep to themselves', async () => {
    const text = evidence.bytes.toString('latin1');
    assert.ok(!text.includes('PRIVATE KEY'));
    assert.ok(evidence.bytes.byteLength < 200_000, `${evidence.bytes.byteLength} bytes`);
  });
});

describe('when the trust file knows others', () => {
  test('an image that none of them has signed is a no', async () => {
    const verdict = await look(evidence.bytes, {
      ...release.trust,
      signedBy: () => ({ need: 'all', of: ['scanner'] }),
    });
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'missing').join(), /signature: .*not by scanner/);
  });

  test('a record is proven by the key of its environment, and by no other one', async () => {
    const { people, keys } = release;
    const proven = (await look(evidence.bytes)).findings.filter(
      ({ check, state }) => check === 'record' && state === 'proven',
    );
    assert.deepEqual(
      proven.map(({ environment, by }) => [environment, by?.split(' ')[0]]),
      [
        ['dev', 'dev'],
        ['production', 'production'],
      ],
    );
    const forged = await look(evidence.bytes, trustIn(people, { production: keys['dev']! }));
    assert.equal(forged.answer, 'no');
    assert.match(of(forged, 'missing').join(), /record: .*production itself: no record of it is signed by its key/);
    const silent = await look(evidence.bytes, trustIn(people));
    assert.equal(silent.answer, 'yes');
    assert.match(of(silent, 'unproven').join(), /record: .*names no key of its records/);
  });

  test('a record that is demanded of a registry that was left out is missed there, and not denied', async () => {
    const registryOf: EvidencedRelease['sources']['registryOf'] = async (name) =>
      name === 'production' ? undefined : release.sources.registryOf(name);
    const { bytes } = await gatherEvidence({ ...release.sources, registryOf }, KEY);
    const verdict = await look(bytes);
    assert.match(of(verdict, 'missing').join(), /record: promotion into production .*left out .*dev\.example\.test/);
    assert.match(of(verdict, 'proven').join(), /dev\.example\.test.* is signed, as production wants/);
  });

  test('people whose keys it does not know have not agreed, and what they said is told', async () => {
    const people = { grace: release.people.grace, mallory: aPerson('mallory') };
    const verdict = await look(evidence.bytes, trustIn(people, release.keys));
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'missing').join(), /approval: .*1 more proven yes needed/);
  });

  test('where it takes names on trust, nobody is said to have proven anything', async () => {
    const { approvals: _, ...trust } = release.trust;
    const verdict = await look(evidence.bytes, trust);
    assert.equal(verdict.answer, 'yes');
    assert.match(of(verdict, 'unproven').join(), /approval: .*names are taken on trust: approve grace, approve linus/);
  });

  test('what it demands beyond the plan is demanded', async () => {
    const rule = { required: 3, from: ['release-managers'], notRequester: true, deadlineMs: 1 };
    const verdict = await look(evidence.bytes, { ...release.trust, approvedBy: () => rule });
    assert.equal(verdict.answer, 'no');
  });
});

describe('when the trust file demands something of environments by name', () => {
  const naming = (...names: readonly string[]): EvidencedRelease['trust'] => ({
    ...release.trust,
    named: names,
    isNamed: (name) => names.includes(name),
    approvedBy: () => undefined,
    demandsRecord: () => false,
  });

  test('a name that the release does not know is a no where one is left unnamed: it may be the same, misspelt', async () => {
    const verdict = await look(evidence.bytes, naming('dev', 'prodution'));
    assert.equal(verdict.answer, 'no');
    assert.match(
      of(verdict, 'missing').join(),
      /demand: what is demanded of prodution: .*dev, production.*does not name production/,
    );
  });

  test('where every one is named, a name for releases that go another way is none; nor is one that is left out by itself', async () => {
    assert.equal((await look(evidence.bytes, naming('production'))).answer, 'yes');
    assert.equal((await look(evidence.bytes, naming('dev', 'production', 'edge'))).answer, 'yes');
  });
});

describe('when somebody alters evidence and writes a good index over it', () => {
  const swapped = (parts: Part[], path: string, change: (value: never) => unknown): readonly Part[] =>
    parts.map((part) => {
      if (part.path !== path) return part;
      const value = JSON.parse(Buffer.from(part.bytes).toString('utf8')) as never;
      return { path, bytes: Buffer.from(canonicalJson(change(value))) };
    });
  const isNo = async (change: (parts: Part[]) => readonly Part[], why: RegExp): Promise<void> => {
    const verdict = await look(await altered(evidence.bytes, change));
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'wrong', 'missing').join('\n'), why);
  };

  test('each part that is taken away is missed', async () => {
    const paths: string[] = [];
    await altered(evidence.bytes, (parts) => {
      paths.push(...parts.map((part) => part.path));
      return parts;
    });
    assert.ok(paths.length > 15);
    for (const path of paths) {
      const bytes = await altered(evidence.bytes, (parts) => parts.filter((part) => part.path !== path));
      const answer = await look(bytes).then(
        (verdict) => verdict.answer,
        (error: { code?: string }) => error.code,
      );
      assert.notEqual(answer, 'yes', path);
      assert.ok(answer === 'no' || answer === 'evidence-unreadable', `${path}: ${answer}`);
    }
  });

  test('a document that says something else than the histories is found', () =>
    isNo(
      (parts) =>
        swapped(parts, 'promotions/production/1/promotion.json', (value: object) => ({ ...value, requestedBy: 'eve' })),
      /documents and statements.*not what the histories say/,
    ));

  test('a plan of another promotion in its place is found', () =>
    isNo((parts) => {
      const dev = parts.find((part) => part.path === 'promotions/dev/1/plan.json');
      return parts.map((part) =>
        part.path === 'promotions/production/1/plan.json' ? { ...part, bytes: dev!.bytes } : part,
      );
    }, /not what the histories say/));

  test('content that nobody names is found', () =>
    isNo(
      (parts) => [...parts, { path: `blobs/sha256/${'a'.repeat(64)}`, bytes: Buffer.from('hidden') }],
      /nothing names this blob/,
    ));

  test('a registry that lists a manifest which is said of another image is found', () =>
    isNo(
      (parts) =>
        swapped(parts, 'registries/dev.json', (value: { manifests: { tags?: string[] }[] }) => ({
          ...value,
          manifests: value.manifests.map(({ tags: _, ...one }) => one),
        })),
      /is not said of this image/,
    ));
});

describe('when the histories themselves were forged', () => {
  const forged = async (change: (told: readonly Told[]) => readonly Told[]): Promise<EvidenceVerdict> =>
    look((await release.evidence({ told: change(release.told) })).bytes);
  const changed = (told: readonly Told[], name: string, change: (one: Told) => Told): readonly Told[] =>
    told.map((one) => (one.workflowId.endsWith(name) ? change(one) : one));

  test('a yes that was never signed for this plan does not count', async () => {
    const other = aPerson('linus');
    const verdict = await forged((told) =>
      changed(told, '/production', (one) => {
        const text = JSON.stringify(one.activities).replaceAll(
          /"statement":"[^"]+"/g,
          `"statement":"${other.name}.x.y"`,
        );
        return { ...one, activities: JSON.parse(text) as NonNullable<Told['activities']> };
      }),
    );
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'missing').join(), /2 more proven yes needed/);
  });

  test('a plan that asks fewer people is another plan', async () => {
    const verdict = await forged((told) =>
      changed(told, '/production', (one) => {
        const text = JSON.stringify(one.activities).replaceAll('"required":2', '"required":1');
        return { ...one, activities: JSON.parse(text) as NonNullable<Told['activities']> };
      }),
    );
    assert.match(of(verdict, 'wrong').join(), /it is not the plan sha256:/);
  });

  test('a promotion of which its environment has signed another story is found', async () => {
    const verdict = await forged((told) =>
      changed(told, '/production', (one) => ({ ...one, input: { ...(one.input as object), requestedBy: 'eve' } })),
    );
    assert.match(of(verdict, 'wrong').join(), /record: .*it says requested by ada, and the histories eve/);
  });

  test('a record that a step has left and that is not there is missed', async () => {
    const bytes = await altered(evidence.bytes, (parts) => {
      const found = parts.find(({ path }) => path === 'promotions/production/1/promotion.json');
      const { steps } = JSON.parse(Buffer.from(found!.bytes).toString()) as { steps: { facts: { record?: string } }[] };
      const record = steps.flatMap(({ facts }) => facts.record ?? [])[0];
      return parts.map((part) => {
        if (part.path !== 'registries/production.json') return part;
        const content = JSON.parse(Buffer.from(part.bytes).toString()) as { manifests: { digest: string }[] };
        const manifests = content.manifests.filter(({ digest }) => digest !== record);
        return { ...part, bytes: Buffer.from(canonicalJson({ ...content, manifests })) };
      });
    });
    const verdict = await look(bytes);
    assert.match(of(verdict, 'wrong').join(), /which a step has left there, is missing/);
    assert.match(of(verdict, 'missing').join(), /record: /);
  });

  test('a promotion that the release knows nothing of, or another way, is found', async () => {
    const verdict = await forged((told) =>
      changed(told, '/dev', (one) => ({
        ...one,
        result: { ...(one.result as object), outcome: { kind: 'refused', reason: 'no' } },
      })),
    );
    assert.match(of(verdict, 'wrong').join(), /says something else than the release/);
  });

  test('a release that had not ended proves no release', async () => {
    const verdict = await forged((told) => changed(told, '/2026.11.3', ({ result: _, ...one }) => one));
    assert.equal(verdict.answer, 'no');
    assert.match(of(verdict, 'missing').join(), /had not ended/);
  });
});
