import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type MemoryClusterOptions, createMemoryCluster } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import { podState } from '../../../src/adapters/cluster/memory/behaviour.ts';
import { refOf } from '../../../src/domain/manifest-object.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { configMap, deployment, sample } from '../../ports/cluster/manifests.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-memory-'));
after(() => rmSync(dir, { recursive: true }));

const WRITE = { dryRun: false, signal: new AbortController().signal };
const request = (
  image: string,
  timeoutMs = 60_000,
): Parameters<ReturnType<typeof createMemoryCluster>['cluster']['watchRollOut']>[0] => ({
  namespace: 'iam',
  workloads: ['deployment/iam'],
  image,
  timeoutMs,
});

describe('when the process of a simulated cluster is killed', () => {
  test('another one finds objects, records and effects in the file', async () => {
    const stateFile = join(dir, 'nested', 'state.json');
    const before = createMemoryCluster({ stateFile });
    await before.cluster.apply([deployment(sample('a')), configMap('gone')], 'iam', WRITE);
    await before.cluster.remove([refOf(configMap('gone'), 'iam')], WRITE.signal);
    await before.records.write('record', 'iam', 'iam', '{}');

    const reborn = createMemoryCluster({ stateFile });
    assert.deepEqual(reborn.effects, before.effects);
    assert.equal(await reborn.records.read('record', 'iam', 'iam'), '{}');
    const [again] = await reborn.cluster.apply([deployment(sample('a'))], 'iam', WRITE);
    assert.deepEqual([again?.created, again?.generation], [false, 1]);
    assert.equal(
      (await reborn.cluster.watchRollOut(request(sample('a')), () => undefined, WRITE.signal)).kind,
      'complete',
    );
    assert.deepEqual(reborn.effects, before.effects, 'what changes nothing leaves no effect');
    assert.deepEqual(readdirSync(join(dir, 'nested')), ['state.json'], 'no half-written file stays');
  });

  test('a file that somebody else wrote is not overwritten in silence', () => {
    const stateFile = join(dir, 'other.json');
    writeFileSync(stateFile, 'not json');
    assert.throws(() => createMemoryCluster({ stateFile }), SyntaxError);
  });
});

describe('when a simulated cluster is scripted', () => {
  const made = (options: MemoryClusterOptions): ReturnType<typeof createMemoryCluster> => createMemoryCluster(options);

  test('every change is an effect, once, with the images it brought', async () => {
    const { cluster, effects } = made({});
    for (const image of [sample('a'), sample('a'), sample('b')]) await cluster.apply([deployment(image)], 'iam', WRITE);
    await cluster.apply([deployment(sample('c'))], 'iam', { ...WRITE, dryRun: true });
    assert.deepEqual(
      effects.map((one) => (one.kind === 'applied' ? [one.generation, one.created, one.images] : one.kind)),
      [
        [1, true, [sample('a')]],
        [2, false, [sample('b')]],
      ],
    );
  });

  test('a node may report another digest than it was asked to run', async () => {
    const { cluster } = made({ report: () => 'sha256:other' });
    await cluster.apply([deployment(sample('a'))], 'iam', WRITE);
    const pods = await cluster.runningPods('iam', ['deployment/iam'], sample('a'));
    assert.deepEqual(
      pods.map((one) => one.imageDigest),
      ['sha256:other', 'sha256:other'],
    );
  });

  test('an injected fault is thrown by the operation it is meant for, and changes nothing', async () => {
    const fault = new PortError('cluster-unreachable', 'cut', { retry: 'yes' });
    const { cluster, records, effects } = made({ fault: (operation) => (operation === 'apply' ? fault : undefined) });
    assert.equal(await rejection(cluster.apply([configMap('a')], 'iam', WRITE)), fault);
    assert.equal(await records.read('record', 'iam', 'iam'), undefined);
    assert.deepEqual(effects, []);
  });

  test('a slow start is waited for without polling, and told', async () => {
    const { cluster } = made({ behave: () => ({ readyAfterMs: 20 }) });
    await cluster.apply([deployment(sample('a'))], 'iam', WRITE);
    const lines: string[] = [];
    const verdict = await cluster.watchRollOut(request(sample('a')), (line) => lines.push(line), WRITE.signal);
    assert.equal(verdict.kind, 'complete');
    assert.deepEqual(lines, ['deployment/iam: 0 of 2 pods ready']);
  });

  test('a changed number of pods does not start them anew', async () => {
    const { cluster, object } = made({ behave: () => 'ready', delays: { podStartMs: 5 } });
    await cluster.apply([deployment(sample('a'))], 'iam', WRITE);
    await cluster.watchRollOut(request(sample('a')), () => undefined, WRITE.signal);
    await cluster.apply([deployment(sample('a'), { replicas: 5 })], 'iam', WRITE);
    assert.equal((await cluster.runningPods('iam', ['deployment/iam'], sample('a'))).length, 5);
    assert.deepEqual(object(refOf(deployment(sample('a')), 'iam')), deployment(sample('a'), { replicas: 5 }));
  });
});

describe('when several images decide about a pod', () => {
  const crash = { code: 'crash-loop', message: 'x' } as const;
  const cases: readonly (readonly [behaviours: Parameters<typeof podState>[0], now: number, expected: object])[] = [
    [[], 0, { kind: 'ready' }],
    [['ready', 'ready'], 0, { kind: 'ready' }],
    [['ready', 'never-ready'], 1e9, { kind: 'starting' }],
    [['ready', { readyAfterMs: 10 }], 9, { kind: 'starting', untilMs: 10 }],
    [['ready', { readyAfterMs: 10 }], 10, { kind: 'ready' }],
    [[{ readyAfterMs: 10 }, { readyAfterMs: 5 }], 0, { kind: 'starting', untilMs: 5 }],
    [['never-ready', crash], 0, { kind: 'failed', refusal: crash }],
    [[{ ...crash, afterMs: 3 }], 2, { kind: 'starting', untilMs: 3 }],
    [[{ ...crash, afterMs: 3 }], 3, { kind: 'failed', refusal: crash }],
  ];
  for (const [behaviours, now, expected] of cases) {
    test(`${JSON.stringify(behaviours)} at ${now}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(podState(behaviours, 0, 0, now), expected);
    });
  }
});
