/** What is printed is typed: by a person who has no time to look up how the command is really called. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { PromotionRun } from '../../../workflows/steps/run.ts';
import { command, liftOf, overrideOf } from '../../../workflows/steps/orders.ts';
import { typed } from '../../support/typed.ts';
import { WAITS } from '../domain/waits.ts';

const STEPS = new URL('../../../workflows/steps/', import.meta.url);
const RUN = { input: { service: 'iam', version: '1.0.0', environment: 'production' } } as PromotionRun;

/** Every verb that a step words for its promotion. */
function verbs(): readonly string[] {
  const sources = readdirSync(STEPS).map((name) => readFileSync(new URL(name, STEPS), 'utf8'));
  const found = sources.flatMap((text) =>
    [...text.matchAll(/command\(run, '([a-z]+)'\)/gi)].map(([, verb = '']) => verb),
  );
  // it is worded whole elsewhere: without a gate it is no command
  return [...new Set(found)].filter((verb) => verb !== 'override');
}

describe('a command that is printed as the answer to a wait', () => {
  test('is one that the command line knows, with every option in it', async () => {
    for (const [kind, { waiting }] of Object.entries(WAITS)) {
      for (const line of waiting.answer) await assert.doesNotReject(typed(line), `${kind}: ${line}`);
    }
  });

  test('is known also where a step words it for its promotion', async () => {
    const known = verbs();
    for (const verb of ['pause', 'resume', 'abort', ...known])
      await assert.doesNotReject(typed(command(RUN, verb)), verb);
    assert.ok(known.length >= 6, known.join(', '));
    const stop = { kind: 'stop', by: 'ada', reason: 'errors', since: '2026-11-23T08:15:00.000Z' } as const;
    for (const one of [stop, { ...stop, service: 'iam' }, { ...stop, kind: 'hold', service: 'iam' }] as const) {
      await assert.doesNotReject(typed(liftOf(one, 'production')));
    }
    for (const line of overrideOf(RUN, 'stop', ['on-call'])) await assert.doesNotReject(typed(line), line);
  });
});
