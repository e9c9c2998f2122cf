import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import {
  type Condition,
  type ContainerPhase,
  type ContainerState,
  podStatus,
} from '../../../local/nodes/pod-status.ts';

const NOW = '2026-11-23T08:00:10Z';
const BEFORE = '2026-11-23T08:00:00Z';
const ended = (exitCode: number): ContainerPhase => ({
  kind: 'ended',
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  startedAt: BEFORE,
  finishedAt: NOW,
});
const running = (ready: boolean): ContainerPhase => ({ kind: 'running', startedAt: BEFORE, ready });
const waiting: ContainerPhase = { kind: 'waiting', reason: 'ContainerCreating' };

function aContainer(phase: ContainerPhase, changes: Partial<ContainerState> = {}): ContainerState {
  return { name: 'iam', image: 'r/iam@sha256:1', imageId: '', phase, restarts: 0, ...changes };
}

function statusOf(
  containers: readonly ContainerState[],
  options: {
    policy?: string;
    init?: readonly ContainerState[];
    before?: readonly Condition[];
    unschedulable?: string;
  } = {},
) {
  const pod: V1Pod = {
    metadata: { generation: 1 },
    spec: { containers: [], restartPolicy: options.policy ?? 'Always' },
  };
  const state = {
    startTime: BEFORE,
    ip: '10.244.0.1',
    hostIp: '127.0.0.1',
    initContainers: options.init ?? [],
    containers,
    ...(options.unschedulable === undefined ? {} : { unschedulable: options.unschedulable }),
  };
  return podStatus(pod, state, options.before ?? [], NOW);
}

describe('the phase of a pod', () => {
  const PHASES: [string, ContainerState[], string, string][] = [
    ['nothing has started', [aContainer(waiting)], 'Always', 'Pending'],
    ['one of two has started', [aContainer(waiting), aContainer(running(false))], 'Always', 'Running'],
    ['it runs', [aContainer(running(true))], 'Always', 'Running'],
    ['it waits after a crash', [aContainer(waiting, { restarts: 1 })], 'Always', 'Running'],
    ['it crashed and will start again', [aContainer(ended(1))], 'Always', 'Running'],
    ['it crashed and will start again on failure', [aContainer(ended(1))], 'OnFailure', 'Running'],
    ['it completed', [aContainer(ended(0))], 'Never', 'Succeeded'],
    ['it completed, on failure', [aContainer(ended(0))], 'OnFailure', 'Succeeded'],
    ['it failed', [aContainer(ended(1))], 'Never', 'Failed'],
    ['one of two failed, the other runs', [aContainer(ended(1)), aContainer(running(true))], 'Never', 'Running'],
    ['one of two failed', [aContainer(ended(0)), aContainer(ended(1))], 'Never', 'Failed'],
  ];
  for (const [what, containers, policy, expected] of PHASES) {
    test(`is ${expected} when ${what}`, () => assert.equal(statusOf(containers, { policy }).phase, expected));
  }

  test('is Failed when an init container failed for good', () => {
    assert.equal(statusOf([aContainer(waiting)], { policy: 'Never', init: [aContainer(ended(1))] }).phase, 'Failed');
  });
});

describe('the conditions of a pod', () => {
  const conditions = (...args: Parameters<typeof statusOf>) =>
    Object.fromEntries(statusOf(...args).conditions.map(({ type, status }) => [type, status]));

  test('are all true when every container is ready', () => {
    assert.deepEqual(new Set(Object.values(conditions([aContainer(running(true))]))), new Set(['True']));
  });

  test('say which containers are not ready', () => {
    const status = statusOf([aContainer(running(true), { name: 'a' }), aContainer(running(false), { name: 'b' })]);
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'False');
    assert.equal(ready?.message, 'containers with unready status: [b]');
  });

  test('keep the time of the last transition while they stay', () => {
    const before = statusOf([aContainer(running(true))]).conditions.map((it) => ({
      ...it,
      lastTransitionTime: BEFORE,
    }));
    const after = statusOf([aContainer(running(false))], { before }).conditions;
    const time = (type: string) => after.find((it) => it.type === type)?.lastTransitionTime;
    assert.equal(time('PodScheduled'), BEFORE);
    assert.equal(time('Ready'), NOW);
  });

  test('are not initialised before all init containers have ended or, as sidecars, run', () => {
    const init = (phase: ContainerPhase) =>
      conditions([aContainer(waiting)], { init: [aContainer(phase)] }).Initialized;
    assert.deepEqual([waiting, ended(0), running(true)].map(init), ['False', 'True', 'True']);
  });

  test('clear what no longer holds, since a merge keeps what is not named', () => {
    const ready = statusOf([aContainer(running(true))]).conditions.find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.reason, ready?.message], [null, null]);
  });

  test('say unschedulable when that is simulated', () => {
    const status = statusOf([aContainer(waiting)], { unschedulable: 'no room' });
    const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled');
    assert.deepEqual([scheduled?.status, scheduled?.reason, scheduled?.message], ['False', 'Unschedulable', 'no room']);
  });
});

describe('the status of a container', () => {
  const only = (state: ContainerState) =>
    (statusOf([state]).containerStatuses as { state: Record<string, unknown>; lastState: object; ready: boolean }[])[0];

  test('has one state and clears the others', () => {
    const names = (phase: ContainerPhase) =>
      Object.entries(only(aContainer(phase))?.state ?? {}).flatMap(([name, value]) => (value === null ? [] : [name]));
    assert.deepEqual([waiting, running(true), ended(1)].map(names), [['waiting'], ['running'], ['terminated']]);
  });

  test('remembers how the run before ended', () => {
    const last = { exitCode: 1, reason: 'Error', startedAt: BEFORE, finishedAt: NOW };
    assert.deepEqual(only(aContainer(waiting, { last }))?.lastState, { terminated: { ...last, message: null } });
  });

  test('is ready after success only for init containers', () => {
    const status = statusOf([aContainer(ended(0))], { policy: 'Never', init: [aContainer(ended(0))] });
    const ready = (list: unknown) => (list as { ready: boolean }[]).map((one) => one.ready);
    assert.deepEqual([ready(status.initContainerStatuses), ready(status.containerStatuses)], [[true], [false]]);
  });
});
