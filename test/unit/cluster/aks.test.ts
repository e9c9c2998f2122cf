import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { type AksCluster } from '../../../src/adapters/cluster/kubernetes/aks.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { type Answer, type Wire, json, startWire, status } from './support/wire.ts';

const open: Wire[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
const serve = async (answer: Answer): Promise<Wire> => {
  const wire = await startWire(answer);
  open.push(wire);
  return wire;
};

const PATH =
  '/subscriptions/sub/resourceGroups/onestream-dev-rg/providers/Microsoft.ContainerService/managedClusters/onestream-dev-aks/listClusterUserCredential';

/** What `format=exec` answers: a kubeconfig whose user needs kubelogin, which is not used. */
function credentials(server: string): object {
  const kubeconfig = {
    clusters: [
      { name: 'aks', cluster: { server, 'certificate-authority-data': Buffer.from('PEM').toString('base64') } },
    ],
    users: [
      { name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'kubelogin' } } },
    ],
    contexts: [{ name: 'aks', context: { cluster: 'aks', user: 'u' } }],
    'current-context': 'aks',
  };
  return { kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(JSON.stringify(kubeconfig)).toString('base64') }] };
}

interface Reached {
  readonly adapter: ReturnType<typeof createKubernetesCluster>;
  readonly scopes: string[];
}

function adapterFor(resourceManager: string): Reached {
  const scopes: string[] = [];
  const cluster: AksCluster = {
    name: 'onestream-dev-aks',
    resourceGroup: 'onestream-dev-rg',
    subscription: 'sub',
    resourceManager,
  };
  const credential = {
    async getToken(scope: string | string[]) {
      scopes.push(String(scope));
      return { token: `token for ${String(scope).slice(0, 12)}`, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  return { adapter: createKubernetesCluster({ aks: cluster, credential }), scopes };
}

describe('when the cluster is AKS', () => {
  test('Resource Manager is asked for a plain user’s credential in exec format, with its own token', async () => {
    const manager = await serve((_, response) => status(response, 403, 'Forbidden', 'no'));
    const { adapter, scopes } = adapterFor(`${manager.url}/`);
    const error = await rejection(adapter.records.read('record', 'iam', 'iam'));
    const [request] = manager.requests;
    assert.deepEqual([request?.method, request?.path], ['POST', PATH]);
    assert.deepEqual(Object.fromEntries(request?.query ?? []), { 'api-version': '2025-05-01', format: 'exec' });
    assert.deepEqual(scopes, [`${manager.url}/.default`]);
    assert.equal(error.code, 'cluster-unauthorized');
    assert.match(error.remedy ?? '', /Azure Kubernetes Service Cluster User Role/);
  });

  test('an API server without TLS is sent nothing, and no token is asked for', async () => {
    const api = await serve((_, response) => json(response, 200, {}));
    const manager = await serve((_, response) => json(response, 200, credentials(api.url)));
    const { adapter, scopes } = adapterFor(manager.url);
    const error = await rejection(adapter.records.read('record', 'iam', 'iam'));
    assert.equal(error.code, 'config-invalid');
    assert.equal(api.requests.length, 0);
    assert.deepEqual(scopes, [`${manager.url}/.default`]);
  });

  const refusals: readonly (readonly [title: string, answer: Answer, code: string, retry: string])[] = [
    ['a cluster that does not exist', (_, response) => status(response, 404, 'NotFound', ''), 'config-invalid', 'no'],
    ['Resource Manager failing', (_, response) => response.writeHead(503).end(), 'cluster-failing', 'yes'],
    ['Resource Manager hanging up', (_, response) => response.destroy(), 'cluster-unreachable', 'yes'],
    ['an answer that is not JSON', (_, response) => response.writeHead(200).end('<html>'), 'cluster-failing', 'no'],
    [
      'an answer without a kubeconfig',
      (_, response) => json(response, 200, { kubeconfigs: [] }),
      'cluster-failing',
      'no',
    ],
  ];
  for (const [title, answer, code, retry] of refusals) {
    test(`${title}: ${code}`, async () => {
      const { url } = await serve(answer);
      const error = await rejection(adapterFor(url).adapter.records.read('record', 'iam', 'iam'));
      assert.deepEqual([error.code, error.retry], [code, retry]);
    });
  }

  test('after a failure it is asked again', async () => {
    let calls = 0;
    const manager = await serve((_, response) =>
      calls++ === 0 ? response.destroy() : status(response, 404, 'NotFound', ''),
    );
    const { adapter } = adapterFor(manager.url);
    assert.equal((await rejection(adapter.records.read('record', 'iam', 'iam'))).code, 'cluster-unreachable');
    assert.equal((await rejection(adapter.records.read('record', 'iam', 'iam'))).code, 'config-invalid');
  });
});
