import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LeaseRequest } from '../../../src/domain/turns.ts';
import { deskDetails } from '../../../workflows/environment/details.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

function asked(service: string, version: string, minute: number, priority: LeaseRequest['priority'] = 'normal') {
  const askedAt = `2026-11-24T11:0${minute}:00Z`;
  return { service, version, askedAt, priority, workflowId: 'w', runId: version, policy: 'queue', passes: [] } as const;
}

describe('current details of a desk', () => {
  it('number who waits for each service by itself, hot-fixes first, as the status of a promotion does', () => {
    const queue = [asked('iam', '1', 1), asked('billing', '7', 2), asked('iam', '2', 3, 'hot-fix')];
    const text = deskDetails({ restraints: [], turns: { fence: 1, held: [], queue } }, NOW);
    assert.deepEqual(
      text.split('\n').filter((line) => line.startsWith('- ')),
      [
        '- billing, number 1: 7, asked 2026-11-24T11:02:00Z',
        '- iam, number 1: 2, asked 2026-11-24T11:03:00Z',
        '- iam, number 2: 1, asked 2026-11-24T11:01:00Z',
      ],
    );
  });

  it('leave out a stop that has ended, and cut long lists', () => {
    const ended = { kind: 'stop', by: 'grace', reason: 'errors', since: '2026-11-24T10:00:00Z' } as const;
    const queue = Array.from({ length: 50 }, (_, index) => asked('iam', String(index), 1));
    const restraints = [{ ...ended, until: '2026-11-24T11:00:00Z' }];
    const text = deskDetails({ restraints, turns: { fence: 1, held: [], queue } }, NOW);
    assert.match(text, /\*\*Stops and holds\*\*\nnone/);
    assert.match(text, /… and 30 more/);
  });
});
