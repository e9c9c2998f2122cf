import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import { abortUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { ReleaseInput } from '../../../src/contract/release-workflow.ts';
import { WAITING_FOR } from '../../../src/contract/search-attributes.ts';
import { YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { hasPlace } from '../../support/releases.ts';
import type { Script } from '../../support/scripted-activities.ts';
import { desksOf, door } from './support/desks.ts';

describe('taking turns in an environment', { timeout: 300_000 }, () => {
  const { version, release, enters, waits, promotion, seen, open, deskUntil, inOwnEnvironment } = desksOf(
    engineOfSuite('real'),
    'env',
  );

  it('the second promotion of a service waits, says for whom, and goes on when the first has ended', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script }, async (environment, calls) => {
      const first = await enters(1, environment);
      const second = await release(2);
      const waiting = await seen(2, environment, hasPlace);
      assert.match(
        waiting.waiting?.reason ?? '',
        new RegExp(`number 1 for ${environment}: ${version(1)} of iam goes first`),
      );
      assert.equal(calls.filter((call) => call.startsWith('admit')).length, 1);
      gate.open();
      assert.equal((await first.result()).outcome.kind, 'released');
      assert.equal((await second.result()).outcome.kind, 'released');
      const status = await deskUntil(environment, (one) => one.turns.held.length === 0);
      assert.equal(status.running['iam']?.version, version(2));
      assert.ok((status.typicalMs ?? 0) > 0);
    });
  });

  it('whoever waits is known to wait for its turn, however many are before it', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script }, async (environment) => {
      const releases = [await enters(1, environment)];
      for (let number = 2; number <= 13; number += 1) {
        releases.push(await release(number));
      }
      await deskUntil(environment, (status) => status.turns.queue.length === 12);
      for (let number = 2; number <= 13; number += 1) {
        const { waiting } = await waits(number, environment);
        assert.ok(waiting?.until);
        assert.equal(waiting.then, 'the release is refused');
        const { typedSearchAttributes } = await promotion(number, environment).describe();
        assert.equal(typedSearchAttributes.get(WAITING_FOR), 'turn');
      }
      gate.open();
      for (const started of releases) assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('whoever waits is told when its turn is expected, from how long others took, and nothing once that is over', async () => {
    const HOUR = 3_600_000;
    for (const typicalMs of [HOUR, 1]) {
      const gate = door();
      await inOwnEnvironment({ script: gate.script }, async (environment) => {
        const turns = { fence: 0, held: [], queue: [] };
        await open(environment, { state: { format: 1, turns, restraints: [], running: {}, typicalMs } });
        const releases = [await enters(1, environment)];
        const { turns: now } = await deskUntil(environment, (status) => status.turns.held.length === 1);
        const since = Date.parse(now.held[0]?.since ?? '');
        const expected: (string | undefined)[] = [];
        for (const number of [2, 3]) {
          releases.push(await release(number));
          expected.push((await seen(number, environment, hasPlace)).waiting?.expectedAt);
        }
        const inTurn = [since + HOUR, since + 2 * HOUR].map((ms) => new Date(ms).toISOString());
        assert.deepEqual(expected, typicalMs === HOUR ? inTurn : [undefined, undefined]);
        gate.open();
        for (const started of releases) assert.equal((await started.result()).outcome.kind, 'released');
      });
    }
  });

  it('each promotion is let in under the number of its own lease, and later ones are larger', async () => {
    const fences: number[] = [];
    const script: Script = {
      checkPullable: async ({ fence }: StepRequest) => {
        fences.push(fence ?? 0);
        return YES;
      },
    };
    await inOwnEnvironment({ script }, async () => {
      for (const number of [1, 2, 3]) await (await release(number)).result();
      assert.equal(fences.length, 3);
      assert.ok(
        fences.every((fence, index) => fence > (fences[index - 1] ?? 0)),
        fences.join(),
      );
    });
  });

  it('a hot-fix goes before others that wait, and never before one that has begun', async () => {
    const gate = door();
    const order: string[] = [];
    const script: Script = {
      ...gate.script,
      recordPromotion: async ({ plan }) => {
        order.push(plan.version);
        return YES;
      },
    };
    await inOwnEnvironment({ script }, async (environment) => {
      const releases = [await enters(1, environment)];
      releases.push(await release(2));
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      releases.push(await release(3, { priority: 'hot-fix' }));
      await deskUntil(environment, (status) => status.turns.queue.length === 2);
      gate.open();
      for (const started of releases) await started.result();
      assert.deepEqual(order, [version(1), version(3), version(2)]);
    });
  });

  it('where only the latest is wanted, a newer version supersedes those that wait, never the one that has begun', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script, turns: 'latest' }, async (environment) => {
      const begun = await enters(1, environment);
      const older = await release(2);
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      const newer = await release(3);
      const { outcome } = await older.result();
      assert.equal(outcome.kind, 'superseded');
      assert.match(outcome.reason, new RegExp(`${version(3)} waits for ${environment} as well and is newer`));
      gate.open();
      assert.equal((await begun.result()).outcome.kind, 'released');
      assert.equal((await newer.result()).outcome.kind, 'released');
    });
  });

  it('where only the latest is wanted, a version that comes to its turn after a newer one is superseded, unless it was asked for', async () => {
    await inOwnEnvironment({ turns: 'latest' }, async (environment) => {
      const enter = async (number: number, fields: Partial<ReleaseInput> = {}) =>
        (await (await release(number, fields)).result()).outcome;
      assert.equal((await enter(5)).kind, 'released');
      const late = await enter(2);
      assert.equal(late.kind, 'superseded');
      assert.equal(late.reason, `${environment}: ${version(5)} runs in ${environment} and is newer`);
      assert.equal((await enter(3, { allowOlder: true })).kind, 'released');
      assert.equal((await enter(6)).kind, 'released');
      assert.equal((await enter(4, { priority: 'hot-fix' })).kind, 'released');
    });
  });

  it('where only the latest is wanted, a hot-fix of a lower version goes first, and nothing supersedes it', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script, turns: 'latest' }, async (environment) => {
      const begun = await enters(1, environment);
      const hotFix = await release(2, { priority: 'hot-fix' });
      await deskUntil(environment, (status) => status.turns.queue.length === 1);
      const newer = await release(3);
      await deskUntil(environment, (status) => status.turns.queue.length === 2);
      gate.open();
      for (const started of [begun, hotFix, newer]) assert.equal((await started.result()).outcome.kind, 'released');
    });
  });

  it('a lease whose holder was terminated goes to the next one that asks', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script }, async (environment) => {
      const first = await enters(1, environment);
      await promotion(1, environment).terminate('somebody did');
      await first.terminate('and this one');
      gate.open();
      const second = await release(2);
      assert.equal((await second.result()).outcome.kind, 'released');
    });
  });

  it('who waits can be aborted, and leaves the queue', async () => {
    const gate = door();
    await inOwnEnvironment({ script: gate.script }, async (environment) => {
      const first = await enters(1, environment);
      const second = await release(2);
      await waits(2, environment);
      const abort = { args: [{ by: 'ada' }] as [{ by: string }] };
      await promotion(2, environment).executeUpdate(abortUpdate, abort);
      assert.equal((await second.result()).outcome.kind, 'aborted');
      await deskUntil(environment, (status) => status.turns.queue.length === 0);
      gate.open();
      assert.equal((await first.result()).outcome.kind, 'released');
    });
  });
});
