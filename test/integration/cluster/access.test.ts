import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { RELEASE_RULES, type Rule } from '../../../local/control-plane/access.ts';
import { until } from '../../../local/tools/until.ts';
import { FOLLOW_TIMING } from '../../../src/adapters/cluster/kubernetes/follow.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { type ManifestObject, refOf } from '../../../src/domain/manifest-object.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { configMap, deployment, sample, service } from '../../ports/cluster/manifests.ts';
import { json, startWire } from '../../unit/cluster/support/wire.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';
import { DRY, WRITE, completes, watching } from './support/rolling.ts';

const GOOD = sample('a');

describe('when an account has the rights of a release only', { skip }, () => {
  let world: ClusterWorld;
  before(async () => {
    world = await startClusterWorld();
  });
  after(() => world.close());

  /** A cluster as the account sees it, once the API server knows of its rights. */
  const as = async (namespace: string, rules: readonly Rule[]): Promise<ReturnType<typeof createKubernetesCluster>> => {
    const adapter = createKubernetesCluster({
      kubeconfig: await world.plane.kubeconfigFor({ namespace, name: 'worker', rules: [...rules, MARK] }),
    });
    await until(() => adapter.records.read('record', namespace, 'mark').then(() => true), {
      what: 'the rights to be in force',
      timeoutMs: 20_000,
    });
    return adapter;
  };
  /** So that one call tells when the Role is in force. */
  const MARK: Rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };
  const without = (resource: string, verb?: string): Rule[] =>
    RELEASE_RULES.flatMap((rule) => {
      const others = { ...rule, resources: rule.resources.filter((one) => one !== resource) };
      if (!rule.resources.includes(resource)) return [rule];
      const kept = { ...rule, resources: [resource], verbs: rule.verbs.filter((one) => one !== verb) };
      const left = verb === undefined ? [others] : [others, kept];
      return left.filter((one) => one.resources.length > 0);
    });

  test('it can apply, watch, prove, record and remove', async () => {
    const namespace = await world.freshNamespace();
    const { cluster, records } = await as(namespace, RELEASE_RULES);
    const set = [deployment(GOOD), configMap('settings'), service('iam')];
    await cluster.apply(set, namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD));
    assert.equal((await cluster.runningPods(namespace, ['deployment/iam'], GOOD)).length, 2);
    assert.equal(await cluster.serviceAddress(namespace, 'iam'), undefined);
    await records.write('record', namespace, 'iam', '{}');
    assert.equal(await records.read('record', namespace, 'iam'), '{}');
    await cluster.remove(
      set.map((one) => refOf(one, namespace)),
      WRITE.signal,
    );
    assert.deepEqual(
      (await cluster.apply(set, namespace, DRY)).map((one) => one.created),
      [true, true, true],
    );
  });

  test('another namespace is closed to it, and the message says which right is missing there', async () => {
    const [mine, other] = [await world.freshNamespace(), await world.freshNamespace()];
    const { cluster } = await as(mine, RELEASE_RULES);
    const error = await rejection(cluster.apply([configMap('settings')], other, WRITE));
    assert.equal(error.code, 'cluster-forbidden');
    assert.equal(error.retry, 'no');
    assert.match(error.message, new RegExp(`may not patch configmaps in namespace ${other}`));
    assert.match(
      error.remedy ?? '',
      /Role in namespace .*apiGroups: \[""\], resources: \["configmaps"\].*"create","patch"/,
    );
    assert.match(error.got ?? '', /system:serviceaccount:.*:worker/);
  });

  test('a set for which two rights are missing names both, and nothing is written', async () => {
    const namespace = await world.freshNamespace();
    const { cluster } = await as(namespace, without('deployments').flatMap(lacking('services')));
    const set = [configMap('settings'), deployment(GOOD), service('iam')];
    const error = await rejection(cluster.apply(set, namespace, WRITE));
    assert.equal(error.code, 'cluster-forbidden');
    assert.match(error.message, /2 of 3 objects/);
    assert.match(error.message, /deployment\/iam.*patch deployments\.apps/);
    assert.match(error.message, /service\/iam.*patch services/);
    assert.match(error.remedy ?? '', /"deployments".*"services"/);
    const [settings] = await cluster.apply([configMap('settings')], namespace, DRY);
    assert.equal(settings?.created, true);
  });

  test('a right that is missing while watching is named', async () => {
    for (const [resource, verb, text] of [
      ['replicasets', undefined, 'list replicasets.apps'],
      ['pods', 'watch', 'watch pods'],
    ] as const) {
      const image = sample(resource === 'pods' ? 'b' : 'c');
      world.kubelet.gate(image);
      const namespace = await world.freshNamespace();
      const { cluster } = await as(namespace, without(resource, verb));
      await cluster.apply([deployment(image)], namespace, WRITE);
      const { cluster: impatient } = createKubernetesCluster({
        kubeconfig: await world.plane.kubeconfigFor({
          namespace,
          name: 'worker',
          rules: [...without(resource, verb), MARK],
        }),
        follow: { ...FOLLOW_TIMING, backOffMs: [10], refusalGraceMs: 200 },
      });
      const error = await rejection(watching(impatient, namespace, image).verdict);
      assert.equal(error.code, 'cluster-forbidden');
      assert.ok(error.message.includes(text), error.message);
    }
  });

  test('creating needs its own right beside patching, and the message says so', async () => {
    const namespace = await world.freshNamespace();
    const { cluster } = await as(namespace, without('services', 'create'));
    const error = await rejection(cluster.apply([service('iam')], namespace, WRITE));
    assert.equal(error.code, 'cluster-forbidden');
    assert.match(error.message, /may not create services/);
  });

  test('AKS access works against an API server: address from Resource Manager, a token on every request', async () => {
    const namespace = await world.freshNamespace();
    const { clusters, users } = JSON.parse(readFileSync(world.plane.adminKubeconfig, 'utf8'));
    const kubeconfig = {
      clusters,
      users: [{ name: users[0].name, user: { exec: { command: 'kubelogin' } } }],
      contexts: [{ name: 'x', context: { cluster: clusters[0].name, user: users[0].name } }],
      'current-context': 'x',
    };
    const value = Buffer.from(JSON.stringify(kubeconfig)).toString('base64');
    const manager = await startWire((_, response) => json(response, 200, { kubeconfigs: [{ value }] }));
    const scopes: string[] = [];
    const credential = {
      async getToken(scope: string | string[]) {
        scopes.push(String(scope));
        return { token: users[0].user.token as string, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const aks = { name: 'aks', resourceGroup: 'rg', subscription: 's', resourceManager: manager.url };
    const { cluster } = createKubernetesCluster({ aks, credential });
    await cluster.apply([deployment(GOOD)], namespace, WRITE);
    await completes(watching(cluster, namespace, GOOD));
    await manager.close();
    assert.equal(manager.requests.length, 1, 'the address is asked for once');
    const [first, ...others] = scopes;
    assert.equal(first, `${manager.url}/.default`);
    assert.ok(others.length > 3, 'the credential decides how long a token lives');
    assert.deepEqual([...new Set(others)], ['6dae42f8-4368-4678-94ff-3960e28e3630/.default']);
  });

  test('a wrong token is told from a missing right', async () => {
    const namespace = await world.freshNamespace();
    const path = await world.plane.kubeconfigFor({ namespace, name: 'worker' });
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.users[0].user.token = 'expired';
    writeFileSync(`${path}.wrong`, JSON.stringify(config));
    const { cluster } = createKubernetesCluster({ kubeconfig: `${path}.wrong` });
    const error = await rejection(cluster.apply([configMap('settings')], namespace, WRITE));
    assert.equal(error.code, 'cluster-unauthorized');
  });

  test('a certificate authority that does not fit is told, and not tried again', async () => {
    const config = JSON.parse(readFileSync(world.plane.adminKubeconfig, 'utf8'));
    delete config.clusters[0].cluster['certificate-authority-data'];
    const path = `${world.plane.adminKubeconfig}.no-ca`;
    writeFileSync(path, JSON.stringify(config));
    const { cluster } = createKubernetesCluster({ kubeconfig: path });
    const error = await rejection(cluster.apply([configMap('settings')], 'default', WRITE));
    assert.equal(error.code, 'cluster-unreachable');
    assert.equal(error.retry, 'no');
    assert.match(error.remedy ?? '', /certificate authority/);
  });
});

describe('when the API server refuses what manifests say', { skip }, () => {
  let world: ClusterWorld;
  let adapter: ReturnType<typeof createKubernetesCluster>;
  before(async () => {
    world = await startClusterWorld();
    adapter = createKubernetesCluster({ kubeconfig: world.plane.adminKubeconfig });
  });
  after(() => world.close());
  const refused = async (object: ManifestObject): ReturnType<typeof rejection> =>
    rejection(adapter.cluster.apply([object], await world.freshNamespace(), WRITE));

  test('a misspelt field is a mistake in the manifest, though the server calls it its own (500)', async () => {
    const misspelt = deployment(GOOD, { spec: { replcas: 3 } });
    const error = await refused(misspelt);
    assert.equal(error.code, 'manifest-rejected');
    assert.equal(error.retry, 'no');
    assert.match(error.message, /deployment\/iam.*replcas/);
  });

  test('a kind that the cluster does not know', async () => {
    for (const apiVersion of ['example.com/v1', 'apps/v1', 'no/such/version', 'v1']) {
      const error = await refused({ apiVersion, kind: 'Widget', metadata: { name: 'w' } });
      assert.equal(error.code, 'manifest-rejected');
      assert.match(error.message, /knows no kind Widget/);
    }
  });

  test('a kind of the whole cluster', async () => {
    const error = await refused({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
    assert.equal(error.code, 'manifest-rejected');
    assert.match(error.message, /belongs to the whole cluster/);
  });

  test('values that are not valid, with the field that holds them', async () => {
    const error = await refused(deployment(GOOD, { replicas: -1 }));
    assert.equal(error.code, 'manifest-rejected');
    assert.match(error.message, /spec\.replicas.*-1/);
  });

  test('null in a manifest means "not said"', async () => {
    const namespace = await world.freshNamespace();
    const manifest = deployment(GOOD, { spec: { minReadySeconds: null, strategy: null } });
    await adapter.cluster.apply([manifest], namespace, WRITE);
    const [again] = await adapter.cluster.apply([manifest], namespace, WRITE);
    assert.equal(again?.generation, 1);
  });

  test('a namespace that is going away takes nothing more', async () => {
    const namespace = await world.freshNamespace();
    const held = { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/held'] } };
    await adapter.cluster.apply([held], namespace, WRITE);
    await world.admin.remove(`/api/v1/namespaces/${namespace}`);
    const error = await until(
      () =>
        adapter.cluster.apply([configMap('late')], namespace, WRITE).then(
          () => undefined,
          (one: unknown) => one,
        ),
      { what: 'the namespace to be closed', timeoutMs: 20_000 },
    );
    assert.equal((error as { code: string }).code, 'namespace-missing');
  });

  test('a quota on objects is told from a missing right', async () => {
    const namespace = await world.freshNamespace();
    await world.admin.create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      metadata: { name: 'few' },
      spec: { hard: { 'count/services': '0' } },
    });
    const error = await until(
      () =>
        adapter.cluster.apply([service('iam')], namespace, DRY).then(
          () => undefined,
          (one: unknown) => one,
        ),
      { what: 'the quota to be in force', timeoutMs: 20_000 },
    );
    assert.equal((error as { code: string }).code, 'quota-exceeded');
  });

  test('an admission policy’s denial carries the policy’s words', async () => {
    const namespace = await world.freshNamespace();
    await adapter.cluster.apply([configMap('before')], namespace, WRITE);
    await denyOwner(world, namespace);
    const labelled = { ...configMap('late'), metadata: { name: 'late', labels: { forbidden: 'yes' } } };
    const error = await until(
      () =>
        adapter.cluster.apply([labelled], namespace, DRY).then(
          () => undefined,
          (one: unknown) => one,
        ),
      { what: 'the policy to be in force', timeoutMs: 30_000 },
    );
    assert.equal((error as { code: string }).code, 'admission-denied');
    assert.match((error as Error).message, /configmap\/late.*no such label here/);
    const set = [labelled, deployment(GOOD, { replicas: -1 })];
    const both = await rejection(adapter.cluster.apply(set, namespace, WRITE));
    assert.equal(both.code, 'manifest-rejected');
    assert.match(both.message, /deployment\/iam.*configmap\/late/s);
  });
});

function lacking(resource: string): (rule: Rule) => Rule[] {
  return (rule) => [{ ...rule, resources: rule.resources.filter((one) => one !== resource) }];
}

async function denyOwner(world: ClusterWorld, namespace: string): Promise<void> {
  const root = '/apis/admissionregistration.k8s.io/v1';
  await world.admin.create(`${root}/validatingadmissionpolicies`, {
    metadata: { name: 'no-label' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
        ],
      },
      validations: [
        {
          expression: "!has(object.metadata.labels) || !('forbidden' in object.metadata.labels)",
          message: 'no such label here',
        },
      ],
    },
  });
  await world.admin.create(`${root}/validatingadmissionpolicybindings`, {
    metadata: { name: 'no-label' },
    spec: {
      policyName: 'no-label',
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  });
}
