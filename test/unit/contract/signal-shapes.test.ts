import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isControl, isGuarded, isLeaseReturn, isTurn } from '../../../src/contract/signal-shapes.ts';
import { isRestraint } from '../../../src/domain/restraint.ts';

/** As it comes out of JSON: neither a number nor a text can be made of it. */
const UNSPEAKABLE: unknown = JSON.parse('{"toString":1,"valueOf":1}');
const NOTHING = [undefined, null, 1, 'text', [], {}, [null], UNSPEAKABLE];
const STOP = {
  kind: 'stop',
  by: 'grace',
  reason: 'errors',
  since: '2026-11-24T12:00:00Z',
  until: '2026-11-24T14:00:00Z',
};
const HERE = {
  ...{ service: 'iam', version: '1.0.0', digest: 'sha256:1', since: '2026-11-24T12:00:00Z' },
  ...{ approvedBy: ['ada'], requestedBy: 'pipeline', workflowId: 'promotion/iam/1.0.0/dev' },
};

function judge(is: (said: unknown) => boolean, sense: readonly unknown[], nonsense: readonly unknown[]): void {
  for (const one of sense) assert.ok(is(one), `heard: ${JSON.stringify(one)}`);
  for (const one of [...NOTHING, ...nonsense]) assert.ok(!is(one), `not heard: ${JSON.stringify(one)}`);
}

describe('what a signal says is heard only where it makes sense', () => {
  it('a word of a desk', () => {
    const waiting = { kind: 'waiting', position: 1, reason: 'another goes first' };
    judge(
      isTurn,
      [
        ...[
          { kind: 'given', fence: 7 },
          { kind: 'given', fence: 7, nth: 2, word: 3 },
        ],
        ...[waiting, { ...waiting, restraint: STOP, expectedAt: '2026-11-24T12:00:00Z' }],
        ...[
          { kind: 'superseded', by: '1.1.0' },
          { kind: 'superseded', by: '1.1.0', newer: 'runs' },
        ],
      ],
      [
        ...[
          { kind: 'given' },
          { kind: 'given', fence: 7, word: '3' },
          { kind: 'given', fence: 'much' },
          { kind: 'given', fence: 1, nth: UNSPEAKABLE },
        ],
        ...[
          { ...waiting, restraint: null },
          { ...waiting, reason: UNSPEAKABLE },
          { ...waiting, position: '1' },
          { ...waiting, reason: 'x'.repeat(1_000_000) },
        ],
        ...[{ kind: 'superseded' }, { kind: 'superseded', by: '1.1.0', newer: 'constructor' }, { kind: '__proto__' }],
      ],
    );
  });

  it('what a guardian is to look after', () => {
    const { service: _, approvedBy: __, ...guarded } = HERE;
    const { digest: ___, ...incomplete } = guarded;
    judge(
      isGuarded,
      [guarded, HERE],
      [incomplete, { ...guarded, digest: 7 }, { ...guarded, version: 'x'.repeat(9_000) }],
    );
  });

  it('an order', () =>
    judge(
      isControl,
      ['pause', 'resume', 'abort'].map((command) => ({ command })),
      ['__proto__', 'constructor', 'retry', UNSPEAKABLE].map((command) => ({ command, by: 'x' })),
    ));

  it('a lease that is given back', () =>
    judge(
      isLeaseReturn,
      [{ runId: 'one' }, { runId: 'one', running: HERE }],
      [
        ...[{ runId: 5 }, { runId: 'one', running: 7 }, { runId: 'one', running: null }],
        ...Object.keys(HERE).map((field) => ({ runId: 'one', running: { ...HERE, [field]: UNSPEAKABLE } })),
        { runId: 'one', running: { ...HERE, approvedBy: [UNSPEAKABLE] } },
        { runId: 'one', running: { ...HERE, version: 'x'.repeat(1_000_000) } },
      ],
    ));

  it('a stop or a hold', () =>
    judge(
      isRestraint,
      [STOP, { ...STOP, kind: 'hold', service: 'iam', until: undefined }],
      ['kind', 'by', 'reason', 'since', 'until', 'service', 'incident'].flatMap((field) => [
        { ...STOP, [field]: UNSPEAKABLE },
        { ...STOP, [field]: null },
        { ...STOP, [field]: 'x'.repeat(2_001) },
      ]),
    ));
});
