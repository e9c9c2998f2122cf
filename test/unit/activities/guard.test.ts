/** What a guardian's look sees in a world in memory, round after round, without a server. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { partOf } from '../../../activities/guard.ts';
import type { LookAnswer } from '../../../src/contract/guardian-workflow.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { findingsKey } from '../../../src/domain/finding.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { ClusterOperation } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import { advance, letIn, planFor, promote } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor } from '../../support/memory-world.ts';
import { swapped } from '../../support/drift.ts';
import { type Again, type Looks, looksIn } from '../../support/looks.ts';

const ROUND = 600_000;
const OTHER = `sha256:${'e'.repeat(64)}`;
const NAMESPACE = 'iam-staging';
const LOCKS = { deletable: true, writable: true };

describe('when a guardian looks', () => {
  let world: MemoryWorld;
  let pushed: Pushed;
  let fault: (operation: ClusterOperation) => PortError | undefined;
  let looks: Looks;
  beforeEach(async () => {
    fault = () => undefined;
    world = await aWorld({
      cluster: { fault: (operation) => fault(operation) },
      rulebook: (rules) => ({ ...rules, guardians: { staging: { everyMs: ROUND, onDrift: 'rollback' } } }),
    });
    pushed = await world.push('one');
    await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
    looks = looksIn(() => world);
  });

  const look: Looks['look'] = (...asked) => looks.look(...asked);
  const lookOn: Looks['lookOn'] = (...asked) => looks.lookOn(...asked);

  const guarded = async () => (await lookOn({ answer: true })).guarded;
  const found = ({ findings }: { readonly findings: readonly { about: string; what: string }[] }) =>
    findings.map(({ about, what }) => `${about} ${what}`);

  test('at a promotion that has just ended well, it learns which, and finds nothing', async () => {
    const seen = await lookOn();
    assert.deepEqual(seen.findings, []);
    assert.equal(seen.confirmed, true);
    assert.deepEqual([seen.guarded.version, seen.guarded.digest], ['1.0.0', pushed.digest]);
  });

  test('and nothing is new, it comes again after a round, and says when it looked', async () => {
    const again = (await look({ guarded: await guarded() })) as Again;
    assert.deepEqual(again, { again: ROUND, said: 'nothing has changed', lookedAt: '2026-11-23T12:00:00.000Z' });
  });

  test('for the first time, it comes at a moment of its own within a round', async () => {
    const { again, lookedAt } = (await look({ first: 'part' })) as Again;
    assert.ok(again > 0 && again < ROUND, String(again));
    assert.equal(lookedAt, undefined);
    assert.equal(((await look({ first: 'round' })) as Again).again, ROUND);
  });

  test('many look at moments that are spread over the round', () => {
    const tenths = Array.from({ length: 1_000 }, (_, index) => Math.floor(partOf(`production/service-${index}`) * 10));
    const counts = Array.from({ length: 10 }, (_, tenth) => tenths.filter((one) => one === tenth).length);
    assert.ok(Math.min(...counts) > 60 && Math.max(...counts) < 140, counts.join(' '));
  });

  test('and sees something once, nobody hears of it; twice, it is said, with what is to be done', async () => {
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    const once = (await look({ guarded: before }, 7)) as Again;
    assert.equal(once.again, 60_000);
    assert.match(once.said, /looks again before it says so/);
    const twice = (await look({ guarded: before }, 8)) as LookAnswer & { kind: 'seen' };
    assert.deepEqual(found(twice), ['running deployment/iam']);
    assert.deepEqual([twice.confirmed, twice.wanted], [true, 'rollback']);
  });

  test('and what was seen once is over, nobody ever hears of it', async () => {
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    await look({ guarded: before }, 7);
    await swapped(world, OTHER, pushed.digest);
    assert.equal(((await look({ guarded: before }, 8)) as Again).said, 'nothing has changed');
  });

  test('what is known already is not news; its end is', async () => {
    await swapped(world, pushed.digest, OTHER);
    const { guarded: before, findings: known } = await lookOn();
    assert.equal(((await look({ guarded: before, known }, 3)) as Again).said, 'nothing has changed');
    await swapped(world, OTHER, pushed.digest);
    assert.deepEqual((await lookOn({ guarded: before, known })).findings, []);
  });

  test('somebody who asks is told what is seen at once, believed or not', async () => {
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    const seen = (await look({ guarded: before, answer: true })) as LookAnswer & { kind: 'seen' };
    assert.deepEqual([found(seen), seen.confirmed], [['running deployment/iam'], false]);
  });

  test('somebody who asks often is told the same until it has lasted a minute; then it is believed', async () => {
    let now = Date.parse('2026-11-23T12:00:00Z');
    Object.assign(world.zones.staging, { now: () => new Date(now) });
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    const asked = { guarded: before, answer: true } as const;
    const { findings, at: since } = (await look(asked)) as LookAnswer & { kind: 'seen' };
    const suspected = { key: findingsKey(findings), since };
    for (const [later, confirmed] of [
      [1_000, false],
      [59_999, false],
      [60_000, true],
    ] as const) {
      now = Date.parse(since) + later;
      const seen = (await look({ ...asked, suspected })) as LookAnswer & { kind: 'seen' };
      assert.equal(seen.confirmed, confirmed, String(later));
    }
    const other = (await look({ ...asked, suspected: { ...suspected, key: 'other' } })) as LookAnswer & {
      kind: 'seen';
    };
    assert.equal(other.confirmed, false, 'what is seen for the first time');
  });

  test('what somebody was told it looks at again a minute after it was seen first, and then believes it', async () => {
    let now = Date.parse('2026-11-23T12:00:00Z');
    Object.assign(world.zones.staging, { now: () => new Date(now) });
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    const { findings, at: since } = (await look({ guarded: before, answer: true })) as LookAnswer & { kind: 'seen' };
    const soon = { guarded: before, first: 'soon', suspected: { key: findingsKey(findings), since } } as const;
    now += 45_000;
    assert.equal(((await look(soon)) as Again).again, 15_000);
    assert.equal(((await look(soon, 2)) as LookAnswer & { kind: 'seen' }).confirmed, true);
  });

  describe('it finds', () => {
    const cases: readonly (readonly [what: string, change: () => Promise<unknown>, expected: readonly string[]])[] = [
      [
        'a lock that was opened',
        () => world.zones.staging.ports.locks.set({ repository: 'iam', digest: pushed.digest }, LOCKS),
        ['locks iam@'],
      ],
      [
        'a tag that is gone, with its lock',
        async () => {
          await world.zones.staging.ports.locks.set({ repository: 'iam', tag: '1.0.0' }, LOCKS);
          await world.zones.staging.ports.locks.set({ repository: 'iam', digest: pushed.digest }, LOCKS);
          await world.zones.staging.ports.remover.untag('iam', '1.0.0', pushed.digest);
        },
        ['image tag 1.0.0', 'locks iam@'],
      ],
      ['manifests that are gone', () => removed(world, pushed.manifests), ['manifests iam@']],
      ['signatures that are gone', () => removed(world, pushed.signature), ['proofs what is wanted of 1.0.0']],
      [
        'an object that is gone',
        () => {
          const service = { apiVersion: 'v1', kind: 'Service', namespace: NAMESPACE, name: 'iam' };
          return world.zones.staging.ports.cluster.remove([service], new AbortController().signal);
        },
        ['objects service/iam'],
      ],
      [
        'a workload that is gone',
        () => {
          const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'iam' };
          return world.zones.staging.ports.cluster.remove([workload], new AbortController().signal);
        },
        ['objects deployment/iam'],
      ],
    ];
    for (const [what, change, expected] of cases) {
      test(what, async () => {
        const before = await guarded();
        await change();
        const seen = found(await lookOn({ guarded: before }));
        assert.equal(seen.length, expected.length, seen.join(', '));
        expected.forEach((one, index) => assert.ok(seen[index]?.startsWith(one), `${seen[index]} is not ${one}`));
      });
    }

    test('a signer whom nobody trusts any more', async () => {
      const before = await guarded();
      const { zones } = await aWorld();
      const distrusting = { ...world.zones.staging.ports.signatures, verify: nobody(zones) };
      Object.assign(world.zones.staging.ports, { signatures: distrusting });
      assert.deepEqual(found(await lookOn({ guarded: before })), ['proofs what is wanted of 1.0.0']);
    });

    test('a signed record that is gone', async () => {
      world = await aWorld({
        signsRecords: true,
        rulebook: (rules) => ({ ...rules, guardians: { staging: { everyMs: ROUND, onDrift: 'hold' } } }),
      });
      pushed = await world.push('one');
      await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
      const before = await guarded();
      const record = JSON.parse((await world.zones.staging.ports.records.read('record', NAMESPACE, 'iam')) ?? '') as {
        readonly signed: Digest;
      };
      assert.deepEqual((await lookOn({ guarded: before, answer: true })).findings, []);
      await removed(world, record.signed);
      assert.deepEqual(found(await lookOn({ guarded: before })), ['record the signed record of 1.0.0']);
    });

    test('that the environment remembers nothing of what the guardian was told', async () => {
      const before = await guarded();
      const { records } = world.zones.staging.ports;
      const forgetting: typeof records.read = async (about, ...place) =>
        about === 'record' ? undefined : records.read(about, ...place);
      Object.assign(world.zones.staging.ports, { records: { ...records, read: forgetting } });
      assert.deepEqual(found(await lookOn({ guarded: before })), ['record what staging remembers of 1.0.0']);
    });

    test('that the record of the same promotion names another digest, and goes by what it was told', async () => {
      const before = await guarded();
      const { records } = world.zones.staging.ports;
      const text = (await records.read('record', NAMESPACE, 'iam')) ?? '';
      await records.write('record', NAMESPACE, 'iam', text.replaceAll(pushed.digest, OTHER));
      assert.deepEqual(found(await lookOn({ guarded: before })), ['record what staging remembers of 1.0.0']);
    });
  });

  test('a part that cannot be looked at is found only when it lasts, and hides nothing that was found there', async () => {
    const before = await guarded();
    await swapped(world, pushed.digest, OTHER);
    const { findings: known } = await lookOn({ guarded: before });
    const gone = new PortError('cluster-unreachable', 'gone', { retry: 'yes' });
    fault = (operation) => (operation === 'look' ? gone : undefined);
    for (const attempt of [3, 4]) assert.ok('again' in (await look({ guarded: before, known }, attempt)));
    const seen = (await look({ guarded: before, known }, 5)) as LookAnswer & { kind: 'seen' };
    assert.deepEqual(found(seen), ['running deployment/iam', 'blind the cluster']);
    assert.deepEqual(seen.findings[0]?.since, known[0]?.since);
  });

  test('and what the environment remembers cannot be read, nothing else is said', async () => {
    const before = await guarded();
    const gone = new PortError('cluster-forbidden', 'no', { retry: 'no' });
    fault = (operation) => (operation === 'readRecord' ? gone : undefined);
    assert.deepEqual(found(await lookOn({ guarded: before })), ['blind what staging remembers']);
  });

  test('while a promotion is under way it looks away, and when that ended badly it looks again', async () => {
    const before = await guarded();
    const two = await world.push('two');
    const request = requestFor(await planFor(world, two, '2.0.0'));
    await advance(world, request);
    const away = (await look({ guarded: before }, 2)) as Again;
    assert.deepEqual([away.again, away.lookedAt], [120_000, undefined]);
    assert.match(away.said, /is under way$/);
    const later = await Promise.all([1, 3, 4, 5, 2_000].map((nth) => look({ guarded: before }, nth)));
    assert.deepEqual(
      later.map((one) => (one as Again).again),
      [60_000, 240_000, 480_000, ROUND, ROUND],
      'first after a minute, then ever more seldom, at most once a round',
    );
    assert.equal(((await look({ guarded: before, answer: true })) as LookAnswer).kind, 'away');
    looks.ended = [away.said.replace(' is under way', '')];
    assert.deepEqual(found(await lookOn({ guarded: before })), ['running deployment/iam']);
  });

  test('a promotion that was let in during the look makes it say nothing', async () => {
    const before = await guarded();
    const two = await world.push('two');
    const request = requestFor(await planFor(world, two, '2.0.0'));
    const { sight } = world.zones.staging.ports;
    const slow: typeof sight = {
      ...sight,
      async look(...asked) {
        const standing = await sight.look(...asked);
        await letIn(world.zones.staging, request);
        return standing;
      },
    };
    Object.assign(world.zones.staging.ports, { sight: slow });
    assert.match(((await look({ guarded: before }, 2)) as Again).said, /has begun or ended meanwhile/);
  });

  test('another promotion than it was told of has ended well, it learns which', async () => {
    const before = await guarded();
    await promote(world, requestFor(await planFor(world, await world.push('two'), '2.0.0')));
    const seen = await lookOn({ guarded: before });
    assert.deepEqual([seen.guarded.version, seen.findings], ['2.0.0', []]);
  });

  test('where nothing was ever promoted, or nobody is to look any more, it is over', async () => {
    const { zones } = await aWorld({
      rulebook: (rules) => ({ ...rules, guardians: { staging: { everyMs: ROUND, onDrift: 'alert' } } }),
    });
    world = { ...world, zones };
    assert.equal(((await look()) as LookAnswer).kind, 'over');
    world = await aWorld();
    const over = (await look()) as LookAnswer & { kind: 'over' };
    assert.equal(
      over.said,
      "staging has no guardian in the workers' configuration: write environments.staging.guardian, and start them anew",
    );
    assert.match(((await look({ service: 'shop' })) as typeof over).said, /no service "shop"/);
  });

  test('a held service is only told of', async () => {
    const before = await guarded();
    const hold = { kind: 'hold', service: 'iam', by: 'grace', reason: 'mine', since: '2026-11-23T11:00:00.000Z' };
    await world.zones.staging.ports.records.write('restraints', NAMESPACE, 'iam', JSON.stringify([hold]));
    await swapped(world, pushed.digest, OTHER);
    const { wanted, because } = await lookOn({ guarded: before });
    assert.deepEqual([wanted, because], ['alert', 'the service is held there already']);
  });
});

/** Somebody opens it first: what goes with a promoted image is kept. */
async function removed({ zones }: MemoryWorld, digest: Digest): Promise<void> {
  const { locks, remover } = zones.staging.ports;
  await locks.set({ repository: 'iam', digest }, LOCKS);
  await remover.deleteManifest('iam', digest);
}

/** As signers are who are known to nobody. */
function nobody({ staging }: MemoryWorld['zones']): MemoryWorld['zones']['staging']['ports']['signatures']['verify'] {
  const { signatures } = staging.ports;
  return (registry, image) => signatures.verify(registry, image, { need: 'all', of: ['nobody'] });
}
