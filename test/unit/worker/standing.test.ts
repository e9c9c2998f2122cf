import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expiriesIn } from '../../../src/worker/expiring.ts';
import { grouped, type Open } from '../../../src/worker/standing.ts';

const OPEN: Open = { type: 'promotion', startedMs: 5, service: 'iam', environment: 'dev', standing: 'gate' };

describe('what is open', () => {
  test('is counted by what it waits for, with the age of the oldest', () => {
    const groups = grouped([OPEN, { ...OPEN, startedMs: 3 }, { ...OPEN, standing: 'none' }], []);
    assert.deepEqual(
      groups.map(({ labels, count, startedMs }) => [labels.standing, count, startedMs]),
      [
        ['gate', 2, 3],
        ['none', 1, 5],
      ],
    );
  });

  test('says none where there was one before', () => {
    const [group] = grouped([], grouped([OPEN], []));
    assert.deepEqual([group?.labels.standing, group?.count], ['gate', 0]);
  });
});

describe('what ends by itself', () => {
  const key = (until?: string) =>
    ({ kind: 'key', file: 'a', pem: 'b', ...(until === undefined ? {} : { until }) }) as const;
  const rulebook = { environments: {} } as never;

  test('is a signer with the last of its keys, and none that has a key without an end', () => {
    const trust = {
      rotated: [key('2026-01-01T00:00:00Z'), key('2027-01-01T00:00:00Z')],
      lasting: [key('2026-01-01T00:00:00Z'), key()],
    };
    assert.deepEqual(
      expiriesIn({ trust, rulebook }).map(({ entry, atMs }) => [entry, new Date(atMs).toISOString()]),
      [['rotated', '2027-01-01T00:00:00.000Z']],
    );
  });

  test('is an exception for a finding, in its environment', () => {
    const exceptions = [{ id: 'CVE-2026-0001', owner: 'a', reason: 'b', until: '2026-05-01T00:00:00Z' }];
    const environments = { production: { proofs: { vulnerabilities: { exceptions } } } };
    assert.deepEqual(expiriesIn({ trust: {}, rulebook: { environments } as never }), [
      {
        expiring: 'exception',
        entry: 'CVE-2026-0001',
        environment: 'production',
        atMs: Date.parse('2026-05-01T00:00:00Z'),
      },
    ]);
  });
});
