import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ContainerStatus } from '../../../src/adapters/cluster/kubernetes/kubernetes-objects.ts';
import { PATIENCE } from '../../../src/adapters/cluster/kubernetes/patience.ts';
import { type Symptom, symptomsOf } from '../../../src/adapters/cluster/kubernetes/pod-symptoms.ts';
import { pod } from './support/facts.ts';

const of = (container: Partial<ContainerStatus>): Symptom | undefined =>
  symptomsOf(pod('iam-x', 'new', { ready: false, ...container }), false, PATIENCE)[0];
const waiting = (reason: string, message?: string): Partial<ContainerStatus> => ({
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});
const ended = (exitCode: number, reason = 'Error'): ContainerStatus['state'] => ({ terminated: { exitCode, reason } });

describe('when a container says what is wrong', () => {
  const cases: readonly (readonly [title: string, status: Partial<ContainerStatus>, code: string | undefined])[] = [
    ['runs', {}, undefined],
    ['is being created', waiting('ContainerCreating'), undefined],
    ['waits for its init containers', waiting('PodInitializing'), undefined],
    ['has an image name that is none', waiting('InvalidImageName', 'x'), 'image-pull-failed'],
    ['may never be pulled', waiting('ErrImageNeverPull', 'x'), 'image-pull-failed'],
    ['image not found', waiting('ErrImagePull', 'rpc error: code = NotFound desc = x'), 'image-pull-failed'],
    [
      'pause after it, with the cause',
      waiting('ImagePullBackOff', 'Back-off: ErrImagePull: manifest unknown'),
      'image-pull-failed',
    ],
    ['registry denies it', waiting('ErrImagePull', 'failed to authorize: 401 Unauthorized'), 'image-pull-failed'],
    ['registry out of reach', waiting('ErrImagePull', 'failed to do request: dial tcp: i/o timeout'), undefined],
    ['pause without a cause', waiting('ImagePullBackOff', 'Back-off pulling image "x"'), undefined],
    ['secret missing', waiting('CreateContainerConfigError', 'secret "x" not found'), 'container-not-startable'],
    [
      'kubelet’s cache not warm yet',
      waiting('CreateContainerConfigError', 'failed to sync secret cache: timed out'),
      undefined,
    ],
    ['cannot be created', waiting('CreateContainerError', 'x'), 'container-not-startable'],
    ['cannot be run', waiting('RunContainerError', 'exec: "x": not found'), 'container-not-startable'],
    ['crash loop', { ...waiting('CrashLoopBackOff'), restartCount: 1, lastState: ended(1) ?? {} }, 'crash-loop'],
    [
      'crash loop with exit code 0',
      { ...waiting('CrashLoopBackOff'), restartCount: 4, lastState: ended(0, 'Completed') ?? {} },
      'crash-loop',
    ],
    [
      'crash loop of a command that is not there',
      { ...waiting('CrashLoopBackOff'), restartCount: 1, lastState: ended(128, 'StartError') ?? {} },
      'container-not-startable',
    ],
    ['ended once', { state: ended(1) ?? {}, restartCount: 0 }, undefined],
    [
      'running again after one restart',
      { state: { running: {} }, restartCount: 1, lastState: ended(1) ?? {} },
      undefined,
    ],
    ['running again after two', { state: { running: {} }, restartCount: 2, lastState: ended(1) ?? {} }, 'crash-loop'],
    [
      'running again after two ends without error',
      { state: { running: {} }, restartCount: 2, lastState: ended(0) ?? {} },
      undefined,
    ],
    [
      'running again after the runtime failed twice',
      { state: { running: {} }, restartCount: 2, lastState: ended(128, 'ContainerCannotRun') ?? {} },
      'container-not-startable',
    ],
  ];
  for (const [title, status, code] of cases) {
    test(`${title}: ${code ?? 'nothing'}`, () => assert.equal(of(status)?.code, code));
  }

  test('restarts of a container that is ready now are history', () => {
    assert.equal(of({ ready: true, restartCount: 9, lastState: ended(1) ?? {} }), undefined);
  });

  test('an init container counts as well', () => {
    const base = pod('iam-x', 'new', { ready: false, state: { waiting: { reason: 'PodInitializing' } } });
    const init = { name: 'migrate', restartCount: 2, ...waiting('CrashLoopBackOff'), lastState: ended(3) ?? {} };
    const sick = { ...base, status: { ...base.status, initContainerStatuses: [init] } };
    const [symptom] = symptomsOf(sick, false, PATIENCE);
    assert.equal(symptom?.container, 'migrate');
    assert.match(symptom?.why ?? '', /container migrate: CrashLoopBackOff, 2 restarts, exit code 3/);
  });

  test('last words of a container are told, without what looks like a secret', () => {
    const lastState = { terminated: { exitCode: 2, reason: 'Error', message: 'login failed: password=hunter2' } };
    const symptom = of({ ...waiting('CrashLoopBackOff'), restartCount: 1, lastState });
    assert.match(symptom?.why ?? '', /exit code 2 \(Error\): login failed: password=\[redacted\]/);
  });

  test('attempts of one trouble keep its key and change its mark', () => {
    const one = of(waiting('ErrImagePull', 'not found'));
    const two = of(waiting('ImagePullBackOff', 'ErrImagePull: not found'));
    assert.equal(one?.key, two?.key);
    assert.notEqual(one?.mark, two?.mark);
  });
});

describe('when no node takes a pod', () => {
  const base = pod('iam-x', 'new', { ready: false });
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' } as const;
  const unschedulable = { ...base, status: { conditions: [condition] } };

  test('it says so, in the scheduler’s words', () => {
    const [symptom] = symptomsOf(unschedulable, false, PATIENCE);
    assert.deepEqual(
      [symptom?.code, symptom?.why, symptom?.ripeAfterMs],
      ['unschedulable', '0/3 nodes', PATIENCE.unschedulableMs],
    );
  });
  test('unless an autoscaler has promised a node', () => {
    assert.deepEqual(symptomsOf(unschedulable, true, PATIENCE), []);
  });
  test('a pod held back by a gate is not unschedulable', () => {
    const gated = { ...base, status: { conditions: [{ ...condition, reason: 'SchedulingGated' }] } };
    assert.deepEqual(symptomsOf(gated, false, PATIENCE), []);
  });
});
