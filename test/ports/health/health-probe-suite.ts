/** What every HealthProbe does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HealthProbe } from '../../../src/ports/health-probe.ts';

export interface HealthSubject {
  readonly probe: HealthProbe;
  /** Addresses that answer 200 `ok`, answer 500 with 3 KiB of text, and refuse connections. */
  readonly well: string;
  readonly ill: string;
  readonly away: string;
  close(): Promise<void>;
}

const LONG_MS = 30_000;
const NEVER = new AbortController().signal;

export function healthProbeSuite(name: string, makeSubject: () => Promise<HealthSubject>): void {
  describe(`health probe, ${name}`, () => {
    let subject: HealthSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('a good answer is an answer', async () => {
      assert.deepEqual(await subject.probe.ask(subject.well, LONG_MS, NEVER), {
        kind: 'answered',
        status: 200,
        body: 'ok',
      });
    });

    test('so is a bad one, with the first 2 KiB of what it says', async () => {
      const answer = await subject.probe.ask(subject.ill, LONG_MS, NEVER);
      assert.equal(answer.kind === 'answered' && answer.status, 500);
      assert.equal(answer.kind === 'answered' && answer.body.length, 2048);
    });

    test('nobody there is no answer, with a reason, not an error', async () => {
      const answer = await subject.probe.ask(subject.away, LONG_MS, NEVER);
      assert.ok(answer.kind === 'no-answer' && answer.why.length > 0);
    });

    test('a caller who has gone is told so', async () => {
      await assert.rejects(subject.probe.ask(subject.well, LONG_MS, AbortSignal.abort()), { name: 'AbortError' });
    });
  });
}
