import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LeaseRequest } from '../../../src/domain/turns.ts';
import { deskDetails } from '../../../workflows/environment/details.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

function asked(service: string, version: string, minute: number, priority: LeaseRequest['priority'] = 'normal') {
  const askedAt = `2026-11-24T11:0${minute}:00Z`;
  return { service, version, askedAt, priority, workflowId: 'w', runId: version, policy: 'queue', passes: [] } as const;
}

const DESK = { environment: 'dev', restraints: [], past: [], unread: undefined } as const;
/** What Temporal takes for current details (server 1.32, limit of user metadata). */
const LIMIT_BYTES = 20_000;

describe('current details of a desk', () => {
  it('number who waits for each service by itself, hot-fixes first, as the status of a promotion does', () => {
    const queue = [asked('iam', '1', 1), asked('billing', '7', 2), asked('iam', '2', 3, 'hot-fix')];
    const text = deskDetails({ ...DESK, turns: { fence: 1, held: [], queue } }, NOW);
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
    const text = deskDetails({ ...DESK, restraints, turns: { fence: 1, held: [], queue } }, NOW);
    assert.match(text, /\*\*Stops and holds\*\*\nnone/);
    assert.match(text, /… and 30 more/);
  });

  it('say what is not known yet and what has ended, and fit into what Temporal takes, however long reasons are', () => {
    const long = '…'.repeat(2_000);
    const stop = { kind: 'stop', by: long, reason: long, since: '2026-11-24T10:00:00Z' } as const;
    const end = { how: 'lifted', at: '2026-11-24T10:30:00Z', by: 'ada', reason: long } as const;
    const many = Array.from({ length: 50 });
    const text = deskDetails(
      {
        ...DESK,
        unread: { code: 'worker-missing', why: long },
        restraints: many.map((_, index) => ({ ...stop, service: `s-${index}` })),
        past: many.map(() => ({ ...stop, end })),
        turns: { fence: 1, held: [], queue: [] },
      },
      NOW,
    );
    assert.match(text, /Not known yet\*\*: dev has not read yet what it remembers/);
    assert.match(text, /Stopped or held before/);
    assert.ok(Buffer.byteLength(text) < LIMIT_BYTES, String(Buffer.byteLength(text)));
  });
});
