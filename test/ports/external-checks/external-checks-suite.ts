/** What every ExternalChecks does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ExternalChecks } from '../../../src/ports/external-checks.ts';
import { someFacts } from '../../unit/policy/gates/facts.ts';

export interface ChecksSubject {
  readonly checks: ExternalChecks;
  close(): Promise<void>;
}

/** What the gates `yes`, `no`, `wait` and `later` are answered; nobody is there for `away`. */
export const SAID = {
  yes: { answer: 'yes', reason: 'the board has met' },
  no: { answer: 'no', reason: 'not this week' },
  wait: { answer: 'wait', reason: 'the board meets' },
  later: { answer: 'wait', reason: 'the board meets', until: '2026-11-25T12:00:00+01:00' },
} as const;

export function externalChecksSuite(name: string, makeSubject: () => Promise<ChecksSubject>): void {
  describe(`external checks, ${name}`, () => {
    let subject: ChecksSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    for (const [gate, said] of Object.entries(SAID)) {
      test(`"${gate}" is what was said`, async () => {
        assert.deepEqual(await subject.checks.ask(gate, someFacts()), { gate, ...said });
      });
    }

    for (const gate of ['away', 'never-heard-of']) {
      test(`"${gate}" is unknown with a reason, never an error and never a yes`, async () => {
        const answer = await subject.checks.ask(gate, someFacts());
        assert.deepEqual([answer.gate, answer.answer], [gate, 'unknown']);
        assert.ok(answer.reason.length > 0);
      });
    }
  });
}
