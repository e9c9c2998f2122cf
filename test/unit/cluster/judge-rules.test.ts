import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Judgement, judgeRollOut } from '../../../src/adapters/cluster/kubernetes/judge-roll-out.ts';
import type { Workload } from '../../../src/adapters/cluster/kubernetes/kubernetes-objects.ts';
import { PATIENCE } from '../../../src/adapters/cluster/kubernetes/patience.ts';
import { type RollOutFacts, firstLook } from '../../../src/adapters/cluster/kubernetes/roll-out-facts.ts';
import { sample } from '../../ports/cluster/manifests.ts';
import { NOW, controllerRevision, facts, pod, replicaSet, revisionPod, template, workload } from './support/facts.ts';
import { type Frame, REPLAYED_AT, inShort, replay } from './support/recording.ts';

const judge = (one: RollOutFacts): Judgement => judgeRollOut(one, new Map(), NOW, PATIENCE).judgement;
const verdict = (one: RollOutFacts): string => inShort([judge(one)]).join();
const frames = (...all: readonly [atMs: number, facts: RollOutFacts][]): Frame[] =>
  all.map(([atMs, one]) => ({ atMs, facts: one }));
const crashed = { ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } };
const waiting = { ready: false, state: { waiting: { reason: 'ContainerCreating' } } };
const started = (at: string): object => ({ restartCount: 1, state: { running: { startedAt: at } } });
const progressing = (status: 'True' | 'False', reason: string, lastUpdateTime = 't1'): Workload['status'] => ({
  conditions: [{ type: 'Progressing', status, reason, lastUpdateTime }],
});

describe('when one fact decides', () => {
  const cases: readonly (readonly [title: string, facts: RollOutFacts, expected: string])[] = [
    ['all counts and pods agree', facts(), 'complete'],
    ['it does not exist', facts({ object: undefined }), 'workload-missing'],
    [
      'the controller has not seen the generation',
      facts({ object: workload({}, { observedGeneration: 1 }) }),
      'progressing',
    ],
    ['there is no status at all', facts({ object: { ...workload(), status: undefined as never } }), 'progressing'],
    ['one pod more than asked for still runs', facts({ object: workload({}, { replicas: 4 }) }), 'progressing'],
    [
      'one of the new pods is not available yet',
      facts({ object: workload({}, { availableReplicas: 2 }) }),
      'progressing',
    ],
    [
      'the controller counts one unavailable',
      facts({ object: workload({}, { unavailableReplicas: 1 }) }),
      'progressing',
    ],
    [
      'the controller says it is still at it',
      facts({ object: workload({}, progressing('True', 'ReplicaSetUpdated')) }),
      'progressing',
    ],
    [
      'no deadline is set, so no such condition exists',
      facts({ object: workload({}, { conditions: [] }) }),
      'complete',
    ],
    [
      'a pod between two crashes looks ready',
      facts({ pods: [pod('a'), pod('b'), pod('c', 'new', { state: { terminated: { exitCode: 1 } } })] }),
      'progressing',
    ],
    ['fewer new pods are known than counted', facts({ pods: [pod('a'), pod('b')] }), 'progressing'],
    [
      'a new pod is going away',
      facts({ pods: [pod('a'), pod('b'), pod('c', 'new', {}, { deletionTimestamp: 'now' })] }),
      'progressing',
    ],
    [
      'only pods of the old version are ready',
      facts({ pods: [0, 1, 2].map((at) => pod(`p${at}`, 'old')) }),
      'progressing',
    ],
    ['the old version crashes', facts({ pods: [...facts().pods, pod('o', 'old', crashed)] }), 'complete'],
    ['the new ReplicaSet is not there yet', facts({ revisions: [replicaSet('old', sample('0'))] }), 'progressing'],
    ['it is scaled to 0', facts({ object: workload({ replicas: 0 }) }), 'scaled-to-zero'],
    ['it is paused', facts({ object: workload({ paused: true }) }), 'roll-out-interfered'],
    [
      'its deadline has passed',
      facts({
        object: workload({}, progressing('False', 'ProgressDeadlineExceeded', 't2')),
        first: firstLook(workload(), NOW),
      }),
      'progress-deadline',
    ],
    ['another image stands in it', facts({ image: sample('b') }), 'roll-out-interfered'],
    ['a StatefulSet is done', facts({}, 'StatefulSet'), 'complete'],
    [
      'a StatefulSet waits for a person to delete pods',
      facts({ object: workload({ updateStrategy: { type: 'OnDelete' } }) }, 'StatefulSet'),
      'manifest-rejected',
    ],
    [
      'a StatefulSet’s revisions agree while a pod is broken',
      facts(
        { pods: [revisionPod('iam-0', 'new'), revisionPod('iam-1', 'new'), revisionPod('iam-2', 'new', waiting)] },
        'StatefulSet',
      ),
      'progressing',
    ],
    ['a DaemonSet is done', facts({}, 'DaemonSet'), 'complete'],
    [
      'a DaemonSet fits no node',
      facts({ object: workload({}, { desiredNumberScheduled: 0 }) }, 'DaemonSet'),
      'scaled-to-zero',
    ],
    [
      'a DaemonSet’s pods are of the revision before',
      facts({ revisions: [controllerRevision('newer', 3), controllerRevision('new', 2)] }, 'DaemonSet'),
      'progressing',
    ],
  ];
  for (const [title, one, expected] of cases) {
    test(`${title}: ${expected}`, () => assert.equal(verdict(one), expected, JSON.stringify(judge(one))));
  }
});

describe('when what stands in the cluster changes while it is watched', () => {
  const first = firstLook(workload(), NOW);
  test('another template with the same image is interference', () => {
    const spec = { template: { ...template(), metadata: { labels: { app: 'iam', restarted: 'yes' } } } };
    assert.equal(verdict(facts({ object: workload(spec), first })), 'roll-out-interfered');
  });

  test('another object of the same name is interference', () => {
    const object = { ...workload(), metadata: { ...workload().metadata, uid: 'another' } };
    assert.match(JSON.stringify(judge(facts({ object, first }))), /deleted and made anew/);
  });

  test('another number of pods with the same template is not', () => {
    const object = workload({ replicas: 4 }, { observedGeneration: 2 });
    assert.equal(
      verdict(facts({ object: { ...object, metadata: { ...object.metadata, generation: 3 } }, first })),
      'progressing',
    );
  });

  test('who did it is told from the fields’ owners, without our own name and the controllers’', () => {
    const managedFields = [
      { manager: 'sluice', time: '2030-01-01T00:00:03Z', fieldsV1: { 'f:spec': {} } },
      {
        manager: 'kube-controller-manager',
        time: '2030-01-01T00:00:02Z',
        subresource: 'status',
        fieldsV1: { 'f:spec': {} },
      },
      { manager: 'kube-controller-manager', time: '2030-01-01T00:00:02Z', fieldsV1: { 'f:metadata': {} } },
      { manager: 'kubectl-set', time: '2030-01-01T00:00:01Z', fieldsV1: { 'f:spec': {} } },
      { manager: 'helm', time: '2030-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } },
    ];
    const object = workload({ template: template(sample('b')) });
    const judgement = judge(facts({ object: { ...object, metadata: { ...object.metadata, managedFields } }, first }));
    assert.match(judgement.kind === 'failed' ? judgement.refusal.message : '', /last by "kubectl-set"/);
  });
});

describe('when pods are bad', () => {
  const some = (bad: number, all: number, container: object = crashed): RollOutFacts => {
    const pods = Array.from({ length: all }, (_, at) => pod(`iam-${at}`, 'new', at < bad ? container : {}));
    return facts({
      object: workload({ replicas: all }, { replicas: all, updatedReplicas: all, availableReplicas: all - bad }),
      pods,
    });
  };

  test('all of them bad: failed at once', () => assert.equal(verdict(some(3, 3)), 'crash-loop'));
  test('the only one bad: failed at once', () => assert.equal(verdict(some(1, 1)), 'crash-loop'));
  test('as many as may be too many at once: a bad node, not a bad version', () => {
    assert.deepEqual(inShort(replay(frames([0, some(1, 4)]))), ['progressing']);
    assert.deepEqual(inShort(replay(frames([0, some(2, 8)]))), ['progressing']);
  });
  test('more than that: failed when it lasts', () => {
    const said = replay(frames([0, some(2, 4)]));
    assert.deepEqual(inShort(said), ['progressing', 'crash-loop']);
    const [first] = said;
    assert.equal(first?.kind === 'progressing' && first.lookAgainAt, REPLAYED_AT + PATIENCE.someBadMs);
  });
  test('more than that, but not for long: goes on', () => {
    const said = replay(frames([0, some(2, 4)], [PATIENCE.someBadMs - 1, some(0, 4)]));
    assert.deepEqual(inShort(said), ['progressing', 'complete']);
  });
  test('recovering and falling ill again begins anew', () => {
    const ill = { ready: false, state: { waiting: { reason: 'CreateContainerError', message: 'x' } } };
    const half = PATIENCE.notStartableMs - 1;
    const said = replay(
      frames([0, some(1, 1, ill)], [half, some(0, 2)], [half + 1, some(1, 1, ill)], [2 * half, some(0, 1)]),
    );
    assert.equal(inShort(said).includes('container-not-startable'), false);
  });
});

describe('when pods are refused before they exist', () => {
  const failure = (message: string, more: Partial<RollOutFacts> = {}): RollOutFacts =>
    facts({
      object: workload({}, { updatedReplicas: 0, availableReplicas: 0 }),
      revisions: [replicaSet('new', undefined, { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] })],
      pods: [],
      ...more,
    });

  test('quota and admission are told apart, and must last', () => {
    for (const [message, code] of [
      ['pods "x" is forbidden: exceeded quota: small, requested: pods=1', 'quota-exceeded'],
      ['pods "x" is forbidden: violates PodSecurity "restricted"', 'admission-denied'],
      ['pods "x" is forbidden: error looking up service account iam/iam', 'admission-denied'],
    ] as const) {
      const said = replay(frames([0, failure(message)]));
      assert.deepEqual(inShort(said), ['progressing', code]);
    }
  });

  test('an API server that was out of reach for a moment has refused nothing; a webhook that is has', () => {
    const post = 'Post "https://127.0.0.1:6443/api/v1/namespaces/iam/pods"';
    for (const message of [`${post}: context canceled`, `${post}: EOF`, 'etcdserver: request timed out']) {
      assert.deepEqual(inShort(replay(frames([0, failure(message)]))), ['progressing'], message);
    }
    const lacking = facts(
      {
        podsRefused: `create Pod iam-1 in StatefulSet iam failed error: ${post}: EOF`,
        pods: [revisionPod('iam-0', 'new')],
        object: workload({}, { readyReplicas: 1 }),
      },
      'StatefulSet',
    );
    assert.deepEqual(inShort(replay(frames([0, lacking]))), ['progressing']);
    const webhook = `Internal error occurred: failed calling webhook "x.example.test": failed to call webhook: ${post}: EOF`;
    assert.deepEqual(inShort(replay(frames([0, failure(webhook)]))), ['progressing', 'admission-denied']);
  });

  test('while pods are still going away, quota may become free', () => {
    const leaving = [pod('o', 'old', {}, { deletionTimestamp: 'now' })];
    assert.deepEqual(inShort(replay(frames([0, failure('exceeded quota', { pods: leaving })]))), ['progressing']);
  });

  test('the old ReplicaSet’s failure is not ours', () => {
    const old = replicaSet('old', sample('0'), { conditions: [{ type: 'ReplicaFailure', status: 'True' }] });
    assert.deepEqual(inShort(replay(frames([0, facts({ revisions: [old, replicaSet('new')] })]))), ['complete']);
  });

  test('a StatefulSet’s event counts while pods are missing, and no longer', () => {
    const few = { podsRefused: 'exceeded quota: small', pods: [revisionPod('iam-0', 'new')] };
    const lacking = facts({ ...few, object: workload({}, { readyReplicas: 1 }) }, 'StatefulSet');
    assert.deepEqual(inShort(replay(frames([0, lacking]))), ['progressing', 'quota-exceeded']);
    const all = facts({ podsRefused: 'exceeded quota: small' }, 'StatefulSet');
    assert.equal(verdict(all), 'complete');
  });
});

describe('when a new pod was restarted', () => {
  test('it must run for a while by our clock, if the cluster’s clock does not say so already', () => {
    const recent = facts({ pods: [pod('a'), pod('b'), pod('c', 'new', started('2031-01-01T00:00:00Z'))] });
    const said = replay(frames([0, recent]));
    assert.deepEqual(inShort(said), ['progressing', 'complete']);
    assert.match(
      said[0]?.kind === 'progressing' ? said[0].line : '',
      /3 of 3 pods ready, watching pods that were restarted/,
    );
    assert.equal(said[0]?.kind === 'progressing' && said[0].lookAgainAt, REPLAYED_AT + PATIENCE.steadyMs);
  });

  test('another restart begins another wait', () => {
    const once = facts({ pods: [pod('a'), pod('b'), pod('c', 'new', started('2031-01-01T00:00:00Z'))] });
    const twice = facts({
      pods: [pod('a'), pod('b'), pod('c', 'new', { ...started('2031-01-01T00:00:09Z'), restartCount: 2 })],
    });
    const late = PATIENCE.steadyMs - 1;
    const said = replay(frames([0, once], [late, twice]));
    const waited = said.filter((one) => one.kind === 'progressing').at(-1);
    assert.equal(waited?.kind === 'progressing' && waited.lookAgainAt, REPLAYED_AT + late + PATIENCE.steadyMs);
  });

  test('a restart of long ago does not hold anything up', () => {
    const pods = [pod('a'), pod('b'), pod('c', 'new', started('2029-01-01T00:00:00Z'))];
    assert.equal(verdict(facts({ pods })), 'complete');
  });
});

describe('when the progress deadline had passed before the first look', () => {
  const passed = (lastUpdateTime: string): Workload =>
    workload(
      { progressDeadlineSeconds: 60 },
      { availableReplicas: 2, ...progressing('False', 'ProgressDeadlineExceeded', lastUpdateTime) },
    );
  const first = firstLook(passed('t1'), REPLAYED_AT);

  test('it counts after one more deadline', () => {
    const said = replay(frames([0, facts({ object: passed('t1'), first })]));
    assert.deepEqual(inShort(said), ['progressing', 'progress-deadline']);
    assert.equal(said[0]?.kind === 'progressing' && said[0].lookAgainAt, REPLAYED_AT + 60_000);
  });

  test('or at once when it passes anew', () => {
    assert.deepEqual(inShort(replay(frames([0, facts({ object: passed('t2'), first })]))), ['progress-deadline']);
  });

  test('and completion in between counts', () => {
    const said = replay(frames([0, facts({ object: passed('t1'), first })], [59_999, facts({ first })]));
    assert.deepEqual(inShort(said), ['progressing', 'complete']);
  });
});

describe('when pods keep a StatefulSet from getting back', () => {
  const stuck = (container: object, more: Partial<Workload['spec']> = {}): RollOutFacts =>
    facts(
      {
        object: workload(more, { readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
        pods: [revisionPod('iam-0', 'new'), revisionPod('iam-1', 'new'), revisionPod('iam-2', 'broken', container)],
      },
      'StatefulSet',
    );
  const inTheWay = (one: Judgement | undefined): string[] =>
    one?.kind === 'progressing' ? one.inTheWay.map((each) => each.metadata.name) : [];

  test('a pod that shows why it cannot run is taken out at once', () => {
    assert.deepEqual(inTheWay(judge(stuck(crashed))), ['iam-2']);
  });
  test('one that is only not ready, after a while', () => {
    const said = replay(frames([0, stuck(waiting)]));
    assert.deepEqual(said.map(inTheWay), [[], ['iam-2']]);
  });
  test('a ready one never', () => {
    assert.deepEqual(replay(frames([0, stuck({})])).flatMap(inTheWay), []);
  });
  test('nor one below the partition, which is to keep its revision', () => {
    const updateStrategy = { rollingUpdate: { partition: 3 } };
    assert.deepEqual(replay(frames([0, stuck(crashed, { updateStrategy })])).flatMap(inTheWay), []);
  });
  test('nor before the controller has seen what is wanted', () => {
    const early = stuck(crashed);
    const object = workload({}, { observedGeneration: 1 });
    assert.deepEqual(inTheWay(judge({ ...early, object })), []);
  });
  test('nor any pod of a Deployment', () => {
    assert.deepEqual(inTheWay(judge(facts({ pods: [pod('o', 'old', crashed)] }))), []);
  });
});
