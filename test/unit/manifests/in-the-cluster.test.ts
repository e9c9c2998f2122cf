/** What approvers are shown of the cluster itself: what really changes, in whose work, and nothing that may be a secret. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ValueChange } from '../../../src/domain/manifest-change.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import { clusterChanges, type TriedObject } from '../../../src/manifests/in-the-cluster.ts';
import { statedAt } from '../../../src/manifests/stated.ts';

const CONTAINER = '/spec/template/spec/containers/0';
const AT = '2026-11-30T08:15:00Z';

interface Made {
  readonly env?: readonly object[];
  readonly container?: object;
  readonly spec?: object;
  readonly metadata?: object;
}

function aDeployment({ env = [], container = {}, spec = {}, metadata = {} }: Made = {}): ManifestObject {
  const containers = [{ name: 'iam', image: 'r/iam@sha256:aa', env, ...container }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'iam', namespace: 'iam', ...metadata },
    spec: { template: { spec: { containers } }, ...spec },
  };
}

function anObject(kind: string, rest: object = {}, metadata: object = {}): ManifestObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'iam', ...metadata }, ...rest };
}

/** As the API server notes it: a tree of fields beside the object. */
const ownedBy = (manager: string, fieldsV1: object, time = AT) => ({
  managedFields: [
    { manager: 'sluice', operation: 'Apply', time: AT, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:own': {} } } } },
    { manager, operation: 'Update', time, fieldsV1 },
  ],
});
const inContainer = (fields: object) => ({
  'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"iam"}': fields } } } },
});

function valuesOf(tried: TriedObject, previous: readonly ManifestObject[] = []): readonly ValueChange[] {
  const { objects } = clusterChanges([tried], previous);
  assert.equal(objects.length, 1, JSON.stringify(objects));
  return objects[0]?.values ?? [];
}

describe('what changes in the cluster', () => {
  it('is what differs between the object there and the one that the apply would make of it, whatever the manifest says', () => {
    const stated = aDeployment();
    const live = aDeployment({ spec: { replicas: 3, progressDeadlineSeconds: 600 } });
    const then = aDeployment({ spec: { replicas: 3, progressDeadlineSeconds: 600, paused: false } });
    assert.deepEqual(valuesOf({ stated, live, then }), [{ path: '/spec/paused', after: 'false' }]);
  });

  it('is nothing where only the bookkeeping of the server differs, and what controllers report', () => {
    const live = anObject(
      'Service',
      { status: { loadBalancer: {} } },
      { resourceVersion: '7', generation: 1, uid: 'a' },
    );
    const then = anObject('Service', { status: {} }, { generation: 2, creationTimestamp: AT, managedFields: [{}] });
    assert.deepEqual(clusterChanges([{ stated: anObject('Service'), live, then }], []), {
      objects: [],
      same: 1,
      more: 0,
    });
  });

  it('names what is new, what is stated no more, and what stays', () => {
    const there = anObject('ConfigMap', { data: { k: 'v' } });
    const added = anObject('Service');
    const changes = clusterChanges(
      [
        { stated: there, live: there, then: structuredClone(there) },
        { stated: added, live: undefined, then: added },
      ],
      [there, anObject('Job')],
    );
    assert.deepEqual(
      changes.objects.map(({ ref, change, foreign }) => [ref.kind, change, foreign]),
      [
        ['Service', 'added', undefined],
        ['Job', 'removed', undefined],
      ],
    );
    assert.deepEqual([changes.same, changes.more], [1, 0]);
  });

  it('says who else has set what it takes back, and when', () => {
    const stated = aDeployment({ env: [{ name: 'LEVEL', value: 'info' }], spec: { replicas: 2 } });
    const metadata = ownedBy('kubectl-edit', {
      'f:spec': {
        'f:replicas': {},
        ...inContainer({ 'f:env': { 'k:{"name":"LEVEL"}': { 'f:value': {} } } })['f:spec'],
      },
    });
    const live = aDeployment({ env: [{ name: 'LEVEL', value: 'debug' }], spec: { replicas: 5 }, metadata });
    const foreign = { by: 'kubectl-edit', at: AT };
    const changes = clusterChanges([{ stated, live, then: stated }], [stated]);
    assert.equal(changes.objects[0]?.foreign, true);
    assert.deepEqual(changes.objects[0]?.values, [
      { path: `${CONTAINER}/env/0/value`, before: '"debug"', after: '"info"', foreign },
      { path: '/spec/replicas', before: '5', after: '2', foreign },
    ]);
  });

  it('finds the owner where a value stands now, also where lists move it', () => {
    const metadata = ownedBy('kubectl-edit', inContainer({ 'f:env': { 'k:{"name":"B"}': { 'f:value': {} } } }));
    const live = aDeployment({ env: [{ name: 'A', value: 'a' }, { name: 'B', value: 'b' }], metadata }); // prettier-ignore
    const then = aDeployment({ env: [{ name: 'New', value: 'n' }, { name: 'A', value: 'A' }, { name: 'B', value: 'B' }] }); // prettier-ignore
    assert.deepEqual(
      valuesOf({ stated: then, live, then }).map(({ path, foreign }) => [path, foreign?.by]),
      [
        [`${CONTAINER}/env/0`, undefined],
        [`${CONTAINER}/env/1/value`, undefined],
        [`${CONTAINER}/env/2/value`, 'kubectl-edit'],
      ],
    );
  });

  it('takes a list that is owned as a whole for owned in each of its items', () => {
    const metadata = ownedBy('somebody', inContainer({ 'f:args': {} }));
    const live = aDeployment({ container: { args: ['--debug'] }, metadata });
    const then = aDeployment({ container: { args: ['--quiet'] } });
    assert.equal(valuesOf({ stated: then, live, then })[0]?.foreign?.by, 'somebody');
  });

  it('speaks of nobody where Sluice has set it too, where a default stands, or where only a report is owned', () => {
    const stated = aDeployment({ spec: { replicas: 2 } });
    const both = ownedBy('kubectl-edit', { 'f:spec': { 'f:replicas': {} } });
    const shared = { managedFields: [...both.managedFields, { ...both.managedFields[1], manager: 'sluice' }] };
    const report = { managedFields: both.managedFields.map((one) => ({ ...one, subresource: 'status' })) };
    const odd = ownedBy('odd', { 'f:spec': { 'f:template': { 'k:not JSON': {}, 'v:"x"': {}, 'i:0': {} } } });
    for (const metadata of [shared, report, odd, {}, { managedFields: 'nonsense' }, ownedBy('empty', {})]) {
      const [value] = valuesOf({ stated, live: aDeployment({ spec: { replicas: 1 }, metadata }), then: stated });
      assert.deepEqual(value, { path: '/spec/replicas', before: '1', after: '2' });
    }
  });

  it('says what the running version has put there and somebody has taken away', () => {
    const ports = [{ containerPort: 8080 }];
    const stated = aDeployment({ env: [{ name: 'LEVEL', value: 'info' }], container: { ports } });
    const then = aDeployment({
      env: [{ name: 'LEVEL', value: 'info' }],
      container: { ports: [{ containerPort: 8080, protocol: 'TCP' }] },
    });
    const live = aDeployment({ container: { ports: [] } });
    const paths = (previous: readonly ManifestObject[]) =>
      valuesOf({ stated, live, then }, previous).map(({ path, foreign }) => [path, foreign]);
    assert.deepEqual(paths([stated]), [
      [`${CONTAINER}/env/0`, {}],
      [`${CONTAINER}/ports/0`, {}],
    ]);
    assert.deepEqual(paths([aDeployment()]).map(([, foreign]) => foreign), [undefined, undefined]); // prettier-ignore

    const whole = clusterChanges([{ stated, live: undefined, then }], [stated]);
    assert.deepEqual(
      whole.objects.map(({ change, foreign }) => [change, foreign]),
      [['added', true]],
    );
  });

  it('shows what manifests state, and nothing that may be a secret of others', () => {
    const place = (name: string, value: string) => aDeployment({ env: [{ name, value }] });
    const shown = valuesOf({
      stated: place('DB_PASSWORD', 'new'),
      live: place('DB_PASSWORD', 'old'),
      then: place('DB_PASSWORD', 'new'),
    });
    assert.deepEqual(shown[0]?.after, '"new"', 'it is in the repository already');

    const edited = ownedBy('kubectl-edit', inContainer({ 'f:env': { 'k:{"name":"DB_PASSWORD"}': { 'f:value': {} } } }));
    const live = aDeployment({ env: [{ name: 'DB_PASSWORD', value: 'hunter2' }], metadata: edited });
    const then = place('DB_PASSWORD', 'new');
    const [value] = valuesOf({ stated: then, live, then });
    assert.deepEqual(value, {
      path: `${CONTAINER}/env/0/value`,
      hidden: true,
      foreign: { by: 'kubectl-edit', at: AT },
    });

    const injected = aDeployment({ env: [{ name: 'VAULT_TOKEN', value: 's.hunter2' }] });
    const added = valuesOf({ stated: aDeployment(), live: aDeployment(), then: injected });
    assert.deepEqual(added, [{ path: `${CONTAINER}/env/0`, hidden: true }]);
    const secret = (data: string) => anObject('Secret', { data: { k: data } });
    assert.doesNotMatch(
      JSON.stringify(valuesOf({ stated: secret('b'), live: secret('hunter2'), then: secret('hunter3') })),
      /hunter/,
    );
  });

  it('stays small however much changes', () => {
    const config = (mark: string, metadata = {}) => {
      const data = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`${'k'.repeat(300)}${at}`, mark]));
      return anObject('ConfigMap', { data }, metadata);
    };
    const managed = ownedBy('x'.repeat(500), { 'f:data': {} });
    const tried = { stated: config('b'), live: config('a', managed), then: config('b') };
    const changes = clusterChanges([tried], []);
    assert.ok(Buffer.byteLength(JSON.stringify(changes)) < 24_000);
    assert.equal((changes.objects[0]?.values.length ?? 0) + (changes.objects[0]?.more ?? 0), 2_000);
  });
});

describe('what a manifest says of a place', () => {
  const named = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.integer() }), { maxLength: 3 });
  const manifest = fc.record({ list: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), map: fc.dictionary(fc.string(), fc.integer()) }); // prettier-ignore

  it('is found wherever the server has put it', () => {
    fc.assert(
      fc.property(manifest, named, fc.boolean(), ({ list, map }, others, first) => {
        const stated = { list: list.map((name, value) => ({ name, value })), map };
        const filled = stated.list.map((one) => ({ ...one, filled: true }));
        const more = others.filter(({ name }) => !list.includes(name));
        const object = { map: { ...map }, list: first ? [...more, ...filled] : [...filled, ...more], status: {} };
        for (const [at, { name, value }] of object.list.entries())
          assert.deepEqual(
            statedAt(stated, object, ['list', at, 'value']),
            list.includes(name) ? { value } : undefined,
          );
        for (const key of Object.keys(map))
          assert.deepEqual(statedAt(stated, object, ['map', key]), { value: map[key] });
        assert.equal(statedAt(stated, object, ['status']), undefined);
      }),
      { numRuns: 500 },
    );
  });
});
