import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { refOf } from '../../../src/domain/manifest-object.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { configMap, deployment, sample } from '../../ports/cluster/manifests.ts';
import { type Answer, type Wire, json, startWire, status } from './support/wire.ts';

let wire: Wire | undefined;
afterEach(() => wire?.close());

const WRITE = { dryRun: false, signal: new AbortController().signal };
const RESOURCES: Readonly<Record<string, object>> = {
  '/api/v1': {
    resources: [
      { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
      { name: 'services', kind: 'Service', namespaced: true },
      { name: 'services/status', kind: 'Service', namespaced: true },
      { name: 'nodes', kind: 'Node', namespaced: false },
    ],
  },
  '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
  '/apis/example.com/v1alpha1': { resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] },
};

/** An adapter whose server knows the kinds above; the rest is up to `answer`. */
async function adapter(answer: Answer): Promise<ReturnType<typeof createKubernetesCluster>> {
  wire = await startWire((request, response) => {
    const resources = RESOURCES[request.path];
    if (resources !== undefined) return json(response, 200, resources);
    if (/^\/apis?\/[^/]+(\/[^/]+)?$/.test(request.path)) return void response.writeHead(404).end('404 page not found');
    answer(request, response);
  });
  return createKubernetesCluster({ kubeconfig: wire.kubeconfig() });
}

const applied: Answer = (request, response) =>
  json(response, 200, { ...JSON.parse(request.body), metadata: { name: 'x', generation: 4 } });
const sent = (method: string): { method: string; path: string; dryRun: string | null }[] =>
  (wire?.requests ?? [])
    .filter((one) => one.method === method)
    .map(({ path, query }) => ({ method, path, dryRun: query.get('dryRun') }));

describe('when a set is applied', () => {
  test('each object goes as a forced, strict server-side apply under one name', async () => {
    const { cluster } = await adapter(applied);
    await cluster.apply([deployment(sample('a'))], 'iam', WRITE);
    const request = wire?.requests.find((one) => one.method === 'PATCH' && !one.query.has('dryRun'));
    assert.equal(request?.path, '/apis/apps/v1/namespaces/iam/deployments/iam');
    assert.equal(request?.headers['content-type'], 'application/apply-patch+yaml');
    assert.deepEqual(Object.fromEntries(request?.query ?? []), {
      fieldManager: 'sluice',
      force: 'true',
      fieldValidation: 'Strict',
    });
    assert.deepEqual(JSON.parse(request?.body ?? ''), deployment(sample('a')));
  });

  test('all are tried before the first is written; what starts pods is written last', async () => {
    const { cluster } = await adapter(applied);
    const set = [
      deployment(sample('a')),
      configMap('settings'),
      { apiVersion: 'example.com/v1alpha1', kind: 'Widget', metadata: { name: 'w' } },
    ];
    const result = await cluster.apply(set, 'iam', WRITE);
    const flags = sent('PATCH').map((one) => one.dryRun);
    assert.deepEqual(flags, ['All', 'All', 'All', null, null, null]);
    assert.equal(sent('PATCH').at(-1)?.path, '/apis/apps/v1/namespaces/iam/deployments/iam');
    assert.ok(sent('PATCH').some((one) => one.path === '/apis/example.com/v1alpha1/namespaces/iam/widgets/w'));
    assert.deepEqual(
      result.map((one) => [one.ref.kind, one.generation, one.created]),
      [
        ['Deployment', 4, false],
        ['ConfigMap', 4, false],
        ['Widget', 4, false],
      ],
    );
  });

  test('one object that is refused in the dry run keeps all of them from being written', async () => {
    const { cluster } = await adapter((request, response) =>
      request.path.includes('/configmaps/')
        ? status(response, 422, 'Invalid', 'ConfigMap "settings" is invalid')
        : applied(request, response),
    );
    await rejection(cluster.apply([deployment(sample('a')), configMap('settings')], 'iam', WRITE));
    assert.ok(sent('PATCH').every((one) => one.dryRun === 'All'));
  });

  test('a dry run stops there', async () => {
    const { cluster } = await adapter((_, response) => json(response, 201, { metadata: { generation: 1 } }));
    const [result] = await cluster.apply([configMap('settings')], 'iam', { ...WRITE, dryRun: true });
    assert.equal(result?.created, true);
    assert.deepEqual(
      sent('PATCH').map((one) => one.dryRun),
      ['All'],
    );
  });

  test('what a webhook without dry runs keeps from being tried is written all the same, and a dry run says that it cannot tell', async () => {
    const { cluster } = await adapter((request, response) =>
      request.query.has('dryRun') && request.path.includes('/configmaps/')
        ? status(response, 400, 'BadRequest', 'admission webhook "old.example.test" does not support dry run')
        : applied(request, response),
    );
    const set = [deployment(sample('a')), configMap('settings')];
    const error = await rejection(cluster.apply(set, 'iam', { ...WRITE, dryRun: true }));
    assert.deepEqual([error.code, error.retry], ['dry-run-unsupported', 'no']);
    assert.match(error.message, /configmap\/settings: admission webhook "old\.example\.test" does not support dry run/);
    assert.equal((await cluster.apply(set, 'iam', WRITE)).length, 2);
    assert.deepEqual(
      sent('PATCH').map((one) => one.dryRun),
      ['All', 'All', 'All', 'All', null, null],
    );
  });

  test('an object that is bad stops the set also where another one cannot be tried', async () => {
    const { cluster } = await adapter((request, response) =>
      request.path.includes('/configmaps/')
        ? status(response, 400, 'BadRequest', 'admission webhook "old.example.test" does not support dry run')
        : status(response, 422, 'Invalid', 'Deployment.apps "iam" is invalid'),
    );
    const set = [configMap('settings'), deployment(sample('a'))];
    assert.equal((await rejection(cluster.apply(set, 'iam', WRITE))).code, 'manifest-rejected');
    const error = await rejection(cluster.apply(set, 'iam', { ...WRITE, dryRun: true }));
    assert.equal(error.code, 'manifest-rejected');
    assert.match(error.message, /deployment\/iam: .*is invalid.*configmap\/settings: .*does not support dry run/s);
    assert.ok(sent('PATCH').every((one) => one.dryRun === 'All'));
  });

  test('kinds are asked for once, and again when one is not known', async () => {
    const { cluster } = await adapter(applied);
    for (let time = 0; time < 3; time += 1) await cluster.apply([configMap('settings')], 'iam', WRITE);
    assert.equal(sent('GET').filter((one) => one.path === '/api/v1').length, 1);
    const unknown = { apiVersion: 'v1', kind: 'Gadget', metadata: { name: 'g' } };
    for (let time = 0; time < 2; time += 1) await rejection(cluster.apply([unknown], 'iam', WRITE));
    assert.equal(sent('GET').filter((one) => one.path === '/api/v1').length, 3);
  });

  test('trouble with the cluster is one error, however many objects there are', async () => {
    const { cluster } = await adapter((_, response) => status(response, 503, 'ServiceUnavailable', 'starting'));
    const error = await rejection(cluster.apply([configMap('a'), configMap('b')], 'iam', WRITE));
    assert.equal(error.code, 'cluster-failing');
    assert.equal(error.retry, 'yes');
    assert.doesNotMatch(error.message, /objects cannot be applied/);
  });

  test('objects that name no one, twice the same, or elsewhere are refused without asking', async () => {
    const { cluster } = await adapter(applied);
    const elsewhere = { ...configMap('e'), metadata: { name: 'e', namespace: 'prod' } };
    const error = await rejection(cluster.apply([configMap('a'), configMap('a'), elsewhere], 'iam', WRITE));
    assert.match(
      error.message,
      /2 of 3 objects.*configmap\/a: it occurs twice.*configmap\/e: it names namespace "prod"/s,
    );
    assert.equal(wire?.requests.length, 0);
  });

  test('a set of nothing is applied by doing nothing', async () => {
    const { cluster } = await adapter(applied);
    assert.deepEqual(await cluster.apply([], 'iam', WRITE), []);
  });
});

describe('when objects are removed', () => {
  const refs = [configMap('a'), configMap('b')].map((one) => refOf(one, 'iam'));

  test('last first, in the foreground', async () => {
    const { cluster } = await adapter((_, response) => json(response, 200, { kind: 'Status', status: 'Success' }));
    await cluster.remove(refs, WRITE.signal);
    assert.deepEqual(
      sent('DELETE').map((one) => one.path),
      ['/api/v1/namespaces/iam/configmaps/b', '/api/v1/namespaces/iam/configmaps/a'],
    );
    const body = wire?.requests.find((one) => one.method === 'DELETE')?.body ?? '';
    assert.equal(JSON.parse(body).propagationPolicy, 'Foreground');
  });

  test('it waits for the object that is going away, not for its successor of the same name', async () => {
    const { cluster } = await adapter((request, response) => {
      const mine = { metadata: { name: 'a', uid: 'mine', resourceVersion: '8' } };
      if (request.method === 'DELETE') return json(response, 200, { kind: 'ConfigMap', ...mine });
      if (!request.query.has('watch'))
        return json(response, 200, { metadata: { resourceVersion: '7' }, items: [mine] });
      assert.equal(request.query.get('fieldSelector'), 'metadata.name=a');
      const successor = { metadata: { name: 'a', uid: 'another', resourceVersion: '9' } };
      response.writeHead(200);
      response.write(
        `${JSON.stringify({ type: 'DELETED', object: mine })}\n${JSON.stringify({ type: 'ADDED', object: successor })}\n`,
      );
    });
    await cluster.remove(refs.slice(0, 1), WRITE.signal);
  });

  test('kinds that nobody serves any more are gone already', async () => {
    const { cluster } = await adapter((_, response) => response.writeHead(500).end());
    await cluster.remove(
      [{ apiVersion: 'gone.example.com/v1', kind: 'Widget', namespace: 'iam', name: 'w' }],
      WRITE.signal,
    );
    assert.equal(sent('DELETE').length, 0);
  });

  test('a cluster-wide object is never removed', async () => {
    const { cluster } = await adapter((_, response) => response.writeHead(500).end());
    await cluster.remove([{ apiVersion: 'v1', kind: 'Node', namespace: 'iam', name: 'n' }], WRITE.signal);
    assert.equal(sent('DELETE').length, 0);
  });
});

describe('when a Service is asked for its address', () => {
  for (const [title, ingress, expected] of [
    ['an IP', [{ ip: '10.0.0.1' }], '10.0.0.1'],
    ['a name', [{ hostname: 'lb.example.com' }], 'lb.example.com'],
    ['nothing yet', [], undefined],
  ] as const) {
    test(`it has ${title}`, async () => {
      const { cluster } = await adapter((_, response) =>
        json(response, 200, { status: { loadBalancer: { ingress } } }),
      );
      assert.equal(await cluster.serviceAddress('iam', 'iam'), expected);
    });
  }

  test('a cluster that fails is not a Service without an address', async () => {
    const { cluster } = await adapter((_, response) => status(response, 500, 'InternalError', 'etcd'));
    assert.equal((await rejection(cluster.serviceAddress('iam', 'iam'))).code, 'cluster-failing');
  });
});

describe('when a record is kept', () => {
  test('it is one ConfigMap of the service, written by apply', async () => {
    const { records } = await adapter(applied);
    await records.write('record', 'iam', 'iam', '{"version":"1"}');
    const request = wire?.requests.find((one) => one.method === 'PATCH');
    assert.equal(request?.path, '/api/v1/namespaces/iam/configmaps/sluice-record-iam');
    const { data, metadata } = JSON.parse(request?.body ?? '');
    assert.deepEqual(data, { 'record.json': '{"version":"1"}' });
    assert.equal(metadata.labels['sluice.dev/service'], 'iam');
  });

  test('what was read is written with its version, and looked at again when somebody else was quicker', async () => {
    const texts = ['{"by":"one"}', '{"by":"two"}'];
    let looks = 0;
    const { records } = await adapter((request, response) => {
      if (request.method === 'GET') {
        const data = { 'admission.json': texts[looks] };
        looks += 1;
        return json(response, 200, { metadata: { resourceVersion: String(looks) }, data });
      }
      if (looks === 1) return status(response, 409, 'Conflict', 'the object has been modified');
      return json(response, 200, { metadata: {} });
    });
    const seen: unknown[] = [];
    await records.change('admission', 'iam', 'iam', (known) => (seen.push(known), '{"by":"me"}'));
    assert.deepEqual(seen, texts);
    const written = wire?.requests.filter((one) => one.method === 'PATCH').map((one) => JSON.parse(one.body)) ?? [];
    assert.deepEqual(
      written.map((one) => one.metadata.resourceVersion),
      ['1', '2'],
    );
  });

  test('a version that somebody else writes without end is given up, and may be tried again', async () => {
    const { records } = await adapter((request, response) =>
      request.method === 'GET'
        ? json(response, 200, { metadata: { resourceVersion: '1' } })
        : status(response, 409, 'Conflict', 'the object has been modified'),
    );
    const error = await rejection(records.change('admission', 'iam', 'iam', () => '{}'));
    assert.deepEqual([error.code, error.retry], ['apply-conflict', 'yes']);
  });

  test('not being allowed to read it is not the same as having none', async () => {
    const { records } = await adapter((_, response) =>
      status(
        response,
        403,
        'Forbidden',
        'User "w" cannot get resource "configmaps" in API group "" in the namespace "iam"',
      ),
    );
    assert.equal((await rejection(records.read('record', 'iam', 'iam'))).code, 'cluster-forbidden');
  });
});
