import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareDurations } from '../../../src/comparison/duration.ts';
import { compareOrder } from '../../../src/comparison/order.ts';
import { lastWrite, rollOutOf } from '../../../src/comparison/written-at.ts';
import { nameOf } from '../../../src/comparison/derived.ts';
import { verdictOf } from '../../../src/cli/comparing/verdict.ts';
import type { Comparison } from '../../../src/cli/comparing/compare-services.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';

const at = (minutes: number, seconds = 0): string =>
  new Date(Date.UTC(2026, 10, 30, 8, minutes, seconds)).toISOString();

interface Times {
  readonly written?: string;
  readonly made?: string;
  readonly status?: object;
}

function object(kind: string, name: string, { written, made = at(0), status = {} }: Times = {}): ManifestObject {
  return {
    apiVersion: kind === 'ConfigMap' || kind === 'Service' ? 'v1' : 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: 'iam',
      uid: name,
      creationTimestamp: made,
      annotations: { 'deployment.kubernetes.io/revision': '3' },
      ...(written === undefined
        ? {}
        : {
            managedFields: [
              { manager: 'kubectl-client-side-apply', time: written },
              { manager: 'kube-controller-manager', time: at(55), subresource: 'status' },
              { manager: 'kube-controller-manager', time: at(56) },
            ],
          }),
    },
    status,
  };
}

const available = (time: string) => ({
  conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', lastUpdateTime: time }],
});
const setOf = (deployment: string, made: string, annotations: object = {}): ManifestObject => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `${deployment}-5d9`,
    namespace: 'iam',
    creationTimestamp: made,
    ownerReferences: [{ uid: deployment, controller: true }],
    annotations: { 'deployment.kubernetes.io/revision': '3', ...annotations },
  },
});

const named = (objects: readonly ManifestObject[]) => new Map(objects.map((one) => [nameOf(one), one]));
const order = (legacy: readonly ManifestObject[], more: readonly ManifestObject[] = []) =>
  compareOrder(named(legacy), named(legacy), [...legacy, ...more]);

describe('when the order of both sides is compared', () => {
  test('what starts pods last, as Sluice does, is equal; of one second nobody can tell what came first', () => {
    const found = order([
      object('ConfigMap', 'settings', { written: at(1) }),
      object('Deployment', 'iam', { written: at(1, 5) }),
    ]);
    assert.equal(found.answer, 'equal');
    assert.deepEqual(found.legacy, [['configmap/settings'], ['deployment/iam']]);
    assert.deepEqual(found.sluice, [['configmap/settings'], ['deployment/iam']]);
    const together = [object('Deployment', 'iam', { written: at(1) }), object('Service', 'iam', { written: at(1) })];
    assert.equal(order(together).answer, 'equal');
  });

  test('pods that legacy started before what Sluice applies first are named, with what came after them', () => {
    const found = order([
      object('Deployment', 'iam', { written: at(1) }),
      object('ConfigMap', 'settings', { written: at(1, 1) }),
      object('Service', 'iam', { written: at(1, 1) }),
    ]);
    assert.equal(found.answer, 'different');
    assert.deepEqual(found.differences, [
      { kind: 'reversed', object: 'deployment/iam', others: ['configmap/settings', 'service/iam'] },
    ]);
  });

  test('a workload that legacy waited for before it began with the next is named: Sluice starts both together', () => {
    const legacy = [
      object('Deployment', 'db', { written: at(1), status: available(at(2)) }),
      object('Deployment', 'web', { written: at(3), status: available(at(4)) }),
    ];
    const sets = [setOf('db', at(1)), setOf('web', at(3))];
    assert.deepEqual(order(legacy, sets).differences, [
      { kind: 'no-wait', object: 'deployment/db', others: ['deployment/web'] },
    ]);
    const early = [
      object('Deployment', 'db', { written: at(1), status: available(at(4)) }),
      object('Deployment', 'web', { written: at(3), status: available(at(4)) }),
    ];
    assert.deepEqual(order(early, sets).differences, [], 'web began while db was rolling out');
    const older = [
      object('Deployment', 'db', { written: at(2), status: available(at(1)) }),
      object('Deployment', 'web', { written: at(3), status: available(at(4)) }),
    ];
    assert.deepEqual(
      order(older, [setOf('db', at(0)), setOf('web', at(3))]).differences,
      [],
      'that roll-out was an older one',
    );
  });

  test('only what one run has written is compared; when it has written one object, the run in which all were made is', () => {
    const legacy = [
      object('Deployment', 'iam', { written: at(0), made: at(0) }),
      object('ConfigMap', 'settings', { written: at(45), made: at(0, 9) }),
    ];
    const found = order(legacy);
    assert.equal(found.by, 'creation');
    assert.deepEqual(
      found.differences.map(({ kind }) => kind),
      ['reversed'],
    );
  });

  test('where no run is left that has written several objects, the order is unknown', () => {
    assert.equal(order([object('Deployment', 'iam', { written: at(1) })]).answer, 'unknown');
  });

  test('what controllers write is no deployment', () => {
    assert.equal(lastWrite(object('Deployment', 'iam', { written: at(1) })), Date.parse(at(1)));
    assert.equal(lastWrite(object('Deployment', 'iam')), undefined);
  });
});

describe('when durations of both sides are compared', () => {
  const side = (begun: string, done: string, annotations?: object) => {
    const deployment = object('Deployment', 'iam', { status: available(done) });
    return { own: named([deployment]), all: [deployment, setOf('iam', begun, annotations)] };
  };

  test('a roll-out lasts from the making of its replica set to the moment when it was available', () => {
    const [found] = compareDurations(side(at(1), at(3)), side(at(1), at(1, 50)), {}, 30_000);
    assert.deepEqual(found, {
      of: 'roll-out of deployment/iam',
      legacyMs: 120_000,
      sluiceMs: 50_000,
      answer: 'faster',
    });
  });

  test('what differs by no more than the tolerance is equal', () => {
    const answers = (tolerance: number) =>
      compareDurations(
        { own: new Map(), all: [] },
        { own: new Map(), all: [] },
        { legacyMs: 60_000, sluiceMs: 90_000 },
        tolerance,
      );
    assert.deepEqual(
      [30_000, 29_999].map((tolerance) => answers(tolerance)[0]?.answer),
      ['equal', 'slower'],
    );
  });

  test('one side alone is unknown, and neither side is nothing to tell', () => {
    const nothing = { own: new Map<string, ManifestObject>(), all: [] };
    assert.deepEqual(compareDurations(nothing, nothing, { legacyMs: 1 }, 0), [
      { of: 'whole run', legacyMs: 1, answer: 'unknown' },
    ]);
    assert.deepEqual(compareDurations(nothing, nothing, {}, 0), []);
  });

  test('a return to a replica set of before has no beginning that is known, nor has one of another revision', () => {
    const again = side(at(1), at(3), { 'deployment.kubernetes.io/revision-history': '1' });
    const other = side(at(1), at(3), { 'deployment.kubernetes.io/revision': '2' });
    for (const { own, all } of [again, other])
      assert.equal(rollOutOf([...own.values()][0] as ManifestObject, all), undefined);
  });
});

describe('when a pipeline asks what a comparison means', () => {
  const comparison = (
    order: 'equal' | 'different' | 'unknown',
    ...spans: readonly ('slower' | 'faster' | 'unknown')[]
  ) =>
    ({
      services: [{ answer: 'equal', order: { answer: order }, durations: spans.map((answer) => ({ answer })) }],
    }) as unknown as Comparison;

  test('order and duration fail nothing unless they were named, and a faster Sluice never does', () => {
    assert.equal(verdictOf(comparison('different', 'slower'), []), 'ok');
    assert.equal(verdictOf(comparison('different'), ['order']), 'unwell');
    assert.equal(verdictOf(comparison('equal', 'slower'), ['duration']), 'unwell');
    assert.equal(verdictOf(comparison('different', 'faster'), ['duration']), 'ok');
  });

  test('what was named and could not be found out is no yes', () => {
    assert.equal(verdictOf(comparison('unknown'), ['order']), 'failed');
    assert.equal(verdictOf(comparison('equal', 'unknown'), ['duration']), 'failed');
    assert.equal(verdictOf(comparison('equal'), ['duration']), 'failed', 'nothing was measured');
  });
});
