import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  datedFindings,
  driftedSince,
  type Finding,
  findingKey,
  findingLine,
  findingsKey,
  isFinding,
  MOST_FINDINGS,
  type Seen,
} from '../../../src/domain/finding.ts';

const RUNNING: Seen = {
  ...{ about: 'running', what: 'deployment/iam', code: 'running-digest-mismatch' },
  ...{ message: 'runs something else', got: 'sha256:b' },
};
const OLD: Seen = {
  about: 'proofs',
  what: 'vulnerabilities',
  code: 'signature-untrusted',
  message: 'no',
  got: '8 d old',
};
const [MORNING, NOON] = ['2026-11-23T08:00:00.000Z', '2026-11-23T12:00:00.000Z'];

describe('what a guardian has found', () => {
  test('is the same in two looks that got the same, whatever they say of it', () => {
    assert.equal(findingKey(RUNNING), findingKey({ ...RUNNING, message: 'in other words' }));
    assert.notEqual(findingKey(RUNNING), findingKey({ ...RUNNING, got: 'sha256:c' }));
  });

  test('is the same where a rule got something that grows older', () => {
    assert.equal(findingKey(OLD), findingKey({ ...OLD, got: '9 d old' }));
  });

  test('is compared in whatever order it was seen', () => {
    assert.equal(findingsKey([RUNNING, OLD]), findingsKey([OLD, RUNNING]));
    assert.notEqual(findingsKey([RUNNING]), findingsKey([RUNNING, OLD]));
  });

  test('is known since it was seen first', () => {
    const known = datedFindings([RUNNING], [], MORNING);
    const later = datedFindings([RUNNING, OLD], known, NOON);
    assert.deepEqual(
      later.map((one) => one.since),
      [MORNING, NOON],
    );
    assert.equal(driftedSince(later), MORNING);
    assert.equal(driftedSince([]), undefined);
  });

  test('is kept bounded, in number and in words', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...RUNNING, what: `${index}${'x'.repeat(9_000)}` }));
    const kept = datedFindings(many, [], MORNING);
    assert.equal(kept.length, MOST_FINDINGS);
    assert.ok(JSON.stringify(kept).length < 100_000);
  });

  test('that nothing could be looked at is worded as such', () => {
    assert.match(findingLine({ ...RUNNING, about: 'blind', what: 'the registry' }), /^not looked at the registry: /);
  });

  test('is told from whatever else somebody has left there', () => {
    const good: Finding = { ...RUNNING, since: MORNING };
    assert.ok(isFinding(good));
    for (const odd of [null, 'running', {}, { ...good, about: 'x' }, { ...good, code: 'x' }, { ...good, since: 7 }])
      assert.ok(!isFinding(odd), JSON.stringify(odd));
  });
});
