import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINDING_ABOUT, type FindingAbout, type Seen } from '../../../src/domain/finding.ts';
import type { OnDrift } from '../../../src/domain/rulebook.ts';
import {
  imageFindings,
  lockFinding,
  standingFindings,
  type StandingFacts,
  wantedFor,
} from '../../../src/policy/guardian-policy.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const CHILD = `sha256:${'c'.repeat(64)}`;
const OTHER = `sha256:${'e'.repeat(64)}`;
const REFERENCE = `registry.test/iam@${DIGEST}`;

const pod = (name: string, imageDigest: string) => ({ name, imageDigest, workload: 'deployment/iam' });
const facts = (
  workload: Partial<StandingFacts['standing']['workloads'][number]> | undefined,
  missing: StandingFacts['standing']['missing'] = [],
): StandingFacts => ({
  standing: {
    workloads:
      workload === undefined
        ? []
        : [{ workload: 'deployment/iam', images: [REFERENCE], pods: [pod('a', DIGEST)], ...workload }],
    missing,
  },
  ...{ workloads: ['deployment/iam'], reference: REFERENCE, accepted: [DIGEST, CHILD], version: '1.0.0' },
});
const abouts = (seen: readonly Seen[]) => seen.map(({ about, what }) => `${about} ${what}`);

describe('what stands in a cluster, held against what was promoted', () => {
  test('is as it was left with pods of the image or of one of its children', () => {
    assert.deepEqual(standingFindings(facts({ pods: [pod('a', DIGEST), pod('b', CHILD)] })), []);
  });

  test('is something else when the template asks for another image, whether its pods are ready or not', () => {
    const found = standingFindings(facts({ images: [`registry.test/iam@${OTHER}`], pods: [] }));
    assert.deepEqual(abouts(found), ['running deployment/iam']);
    assert.deepEqual([found[0]?.expected, found[0]?.got], [REFERENCE, `registry.test/iam@${OTHER}`]);
  });

  test('is the same finding for pods of other names that run the same', () => {
    const [one] = standingFindings(facts({ pods: [pod('a', OTHER), pod('b', DIGEST)] }));
    const [other] = standingFindings(facts({ pods: [pod('x', OTHER), pod('y', OTHER)] }));
    assert.equal(one?.about, 'running');
    assert.deepEqual(one, other);
  });

  test('that nothing is ready is not that something else runs', () => {
    assert.deepEqual(abouts(standingFindings(facts({ pods: [] }))), ['ready deployment/iam']);
  });

  test('that a workload or another object is gone is found by its name', () => {
    const service = { apiVersion: 'v1', kind: 'Service', namespace: 'iam', name: 'iam' };
    assert.deepEqual(abouts(standingFindings(facts(undefined, [service]))), [
      'objects deployment/iam',
      'objects service/iam',
    ]);
  });
});

describe('what a registry has, held against what was promoted', () => {
  const there = {
    ...{ registry: 'registry.test', repository: 'iam', version: '1.0.0', digest: DIGEST, manifests: OTHER },
    ...{ found: DIGEST, tagged: DIGEST, isTagged: true, hasManifests: true },
  };
  test('is as it was left, or lacks image, tag or manifests, each found for itself', () => {
    assert.deepEqual(imageFindings(there), []);
    const gone = imageFindings({ ...there, found: undefined, tagged: undefined, hasManifests: false });
    assert.deepEqual(abouts(gone), [`image iam@${DIGEST}`, 'image tag 1.0.0', `manifests iam@${OTHER}`]);
  });

  test('may lack a tag that no promotion has left, and not have another one in its place', () => {
    const untagged = { ...there, isTagged: false };
    assert.deepEqual(imageFindings({ ...untagged, tagged: undefined }), []);
    assert.equal(imageFindings({ ...untagged, tagged: OTHER })[0]?.code, 'tag-conflict');
  });

  test('has a tag that was moved, and says where to', () => {
    assert.equal(imageFindings({ ...there, tagged: OTHER })[0]?.got, OTHER);
  });

  test('has locks that were opened, half or whole; what it does not have at all is found elsewhere', () => {
    assert.deepEqual(lockFinding('tag 1.0.0', 'r', { deletable: false, writable: false }), []);
    assert.deepEqual(lockFinding('tag 1.0.0', 'r', undefined), []);
    assert.equal(lockFinding('tag 1.0.0', 'r', { deletable: true, writable: false })[0]?.got, 'deletable');
    assert.equal(lockFinding('tag 1.0.0', 'r', { deletable: true, writable: true })[0]?.got, 'deletable and writable');
  });
});

describe('what is done about it', () => {
  const seen = (about: FindingAbout): Seen => ({ about, what: 'x', code: 'internal', message: 'x' });
  const wanted = (about: FindingAbout, onDrift: OnDrift, isHeld = false) =>
    wantedFor([seen(about)], onDrift, isHeld).wanted;

  test('is never more than the rules say', () => {
    for (const about of FINDING_ABOUT) assert.equal(wanted(about, 'alert'), 'alert');
    for (const about of FINDING_ABOUT) assert.notEqual(wanted(about, 'hold'), 'rollback');
  });

  test('is a roll-back only where what runs may not, a hold where something that protects it is gone, a word otherwise', () => {
    const at = (onDrift: OnDrift) => FINDING_ABOUT.filter((about) => wanted(about, 'rollback') === onDrift);
    assert.deepEqual(at('rollback'), ['running', 'proofs']);
    assert.deepEqual(at('hold'), ['objects', 'image', 'manifests', 'locks', 'record']);
    assert.deepEqual(at('alert'), ['ready', 'blind']);
  });

  test('is no roll-back for vulnerabilities, an old report or an exception that has ended: what ran before is no better', () => {
    const ended: Seen = { ...seen('proofs'), code: 'vulnerabilities-refused' };
    assert.equal(wantedFor([ended], 'rollback', false).wanted, 'hold');
    assert.equal(wantedFor([ended], 'alert', false).wanted, 'alert');
    const revoked: Seen = { ...seen('proofs'), code: 'signer-revoked' };
    assert.equal(wantedFor([revoked], 'rollback', false).wanted, 'rollback');
    assert.equal(wantedFor([ended, seen('running')], 'rollback', false).wanted, 'rollback');
  });

  test('is what the gravest of several findings asks for', () => {
    assert.equal(wantedFor([seen('blind'), seen('locks')], 'rollback', false).wanted, 'hold');
    assert.equal(wantedFor([], 'rollback', false).wanted, 'alert');
  });

  test('is only told where the service is held already: nobody goes back twice without a person in between', () => {
    assert.deepEqual(wantedFor([seen('running')], 'rollback', true), {
      wanted: 'alert',
      because: 'the service is held there already',
    });
    assert.equal(wanted('locks', 'hold', true), 'alert');
    assert.deepEqual(wantedFor([seen('ready')], 'rollback', true), { wanted: 'alert' });
  });
});
