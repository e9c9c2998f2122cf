import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeRollOut } from '../../../src/adapters/cluster/kubernetes/judge-roll-out.ts';
import { PATIENCE } from '../../../src/adapters/cluster/kubernetes/patience.ts';
import { REPLAYED_AT, inShort, recording, replay } from './support/recording.ts';

const GOOD = [
  'deployment-new',
  'deployment-rolls-over',
  'deployment-returns',
  'stateful-set-rolls-over',
  'daemon-set-rolls-over',
];

describe('when the judge sees what a real control plane said', () => {
  for (const name of GOOD) {
    test(`${name}: complete at the last frame, never before, never failed`, () => {
      const frames = recording(name);
      assert.deepEqual(inShort(replay(frames)), ['progressing', 'complete']);
      assert.deepEqual(inShort(replay(frames.slice(0, -1))), ['progressing']);
    });

    test(`${name}: whatever lags behind, never failed, and complete only when the controller is done`, () => {
      const frames = recording(name);
      const last = frames.at(-1)?.facts.object;
      for (const [at, { facts }] of frames.entries()) {
        for (const pods of frames.slice(0, at + 1)) {
          for (const revisions of [frames[0] ?? pods, pods]) {
            const mixed = { ...facts, pods: pods.facts.pods, revisions: revisions.facts.revisions };
            const { judgement } = judgeRollOut(mixed, new Map(), REPLAYED_AT, PATIENCE);
            assert.notEqual(judgement.kind, 'failed', JSON.stringify(judgement));
            if (judgement.kind === 'complete') assert.equal(facts.object, last);
          }
        }
      }
    });
  }

  const bad: readonly (readonly [name: string, code: string, words: RegExp])[] = [
    ['deployment-pull-denied', 'image-pull-failed', /1 of 1 new pods .*failed to resolve reference: not found/],
    ['deployment-crashes', 'crash-loop', /CrashLoopBackOff, 1 restarts, exit code 1 \(Error\)/],
    ['deployment-deadline', 'progress-deadline', /no progress for 2 s .*0 of 2 pods ready/],
  ];
  for (const [name, code, words] of bad) {
    test(`${name}: failed by its own reason, never complete`, () => {
      const said = replay(recording(name));
      assert.deepEqual(inShort(said), ['progressing', code]);
      const last = said.at(-1);
      assert.match(last?.kind === 'failed' ? last.refusal.message : '', words);
      assert.ok(last?.kind === 'failed' && last.refusal.remedy !== undefined);
    });
  }

  test('a denied pull is believed at the node’s third attempt, or after half a minute', () => {
    const frames = recording('deployment-pull-denied');
    const denied = frames.filter(({ facts }) => JSON.stringify(facts.pods).includes('not found'));
    const upTo = (attempts: number): string[] =>
      inShort(replay(frames.slice(0, frames.length - denied.length + attempts)));
    assert.deepEqual(upTo(0), ['progressing']);
    // Two attempts and then nothing more: only time decides.
    const said = replay(frames.slice(0, frames.length - denied.length + 2));
    assert.equal(said.at(-1)?.kind, 'failed');
    const waiting = said.at(-2);
    assert.ok(waiting?.kind === 'progressing' && waiting.lookAgainAt !== undefined);
    const firstDenied = REPLAYED_AT + (denied[0]?.atMs ?? 0);
    assert.equal(waiting.lookAgainAt - firstDenied, PATIENCE.imagePullMs);
  });
});
