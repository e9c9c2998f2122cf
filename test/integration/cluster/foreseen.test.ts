/** What a plan shows of a real cluster before anything is applied there: what would change, whose work it is, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RELEASE_RULES } from '../../../local/control-plane/access.ts';
import { MERGE, STRATEGIC } from '../../../local/control-plane/kube-api.ts';
import { until } from '../../../local/tools/until.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import type { ObjectChange } from '../../../src/domain/manifest-change.ts';
import { type ManifestObject, refOf } from '../../../src/domain/manifest-object.ts';
import type { Listed } from '../../../src/manifests/changes.ts';
import { clusterChanges } from '../../../src/manifests/in-the-cluster.ts';
import { rejection } from '../../ports/cluster/apply-suite.ts';
import { configMap, deployment, sample, service } from '../../ports/cluster/manifests.ts';
import { planFor, promote } from '../../support/activity-runs.ts';
import { aWorld, requestFor, YAML } from '../../support/memory-world.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';
import { DRY, WRITE } from './support/rolling.ts';

const CONTAINER = '/spec/template/spec/containers/0';

describe('before anything is applied to a real cluster', { skip }, () => {
  let world: ClusterWorld;
  let adapter: ReturnType<typeof createKubernetesCluster>;
  before(async () => {
    world = await startClusterWorld();
    adapter = createKubernetesCluster({ kubeconfig: world.plane.adminKubeconfig });
  });
  after(() => world.close());

  const placed = (objects: readonly ManifestObject[], namespace: string): readonly ManifestObject[] =>
    objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
  /** What a plan would show of `next`, where `previous` was applied. */
  const foreseen = async (
    namespace: string,
    next: readonly ManifestObject[],
    previous: readonly ManifestObject[],
    { cluster, sight } = adapter,
  ): Promise<Listed> => {
    const objects = placed(next, namespace);
    const refs = objects.map((one) => refOf(one, namespace));
    const [applied, live] = await Promise.all([cluster.apply(objects, namespace, DRY), sight.read(refs, DRY.signal)]);
    const tried = objects.map((stated, at) => ({ stated, live: live[at], then: applied[at]?.object ?? assert.fail() }));
    return clusterChanges(tried, placed(previous, namespace));
  };
  const told = ({ objects }: Listed): readonly unknown[] =>
    objects.map(({ ref, change, values }: ObjectChange) => [
      ref.kind,
      change,
      values.map(({ path, before: was, after: is, foreign }) => [path, was, is, foreign?.by]),
    ]);
  const edit = (namespace: string, manager: string, body: object, part = 'deployments/iam'): Promise<unknown> =>
    world.admin.patch(`/apis/apps/v1/namespaces/${namespace}/${part}?fieldManager=${manager}`, body, STRATEGIC);

  test('what was applied and stands as it was left changes nothing, with all that the server has filled in', async () => {
    const namespace = await world.freshNamespace();
    const set = [deployment(sample('a'), { env: { LEVEL: 'info' } }), configMap('settings'), service('iam')];
    await adapter.cluster.apply(placed(set, namespace), namespace, WRITE);
    assert.deepEqual(await foreseen(namespace, set, set), { objects: [], same: 3, more: 0 });
  });

  test('another image changes the image and nothing else', async () => {
    const namespace = await world.freshNamespace();
    const [one, two] = [[deployment(sample('a'))], [deployment(sample('b'))]];
    await adapter.cluster.apply(placed(one, namespace), namespace, WRITE);
    const changes = await foreseen(namespace, two, one);
    assert.deepEqual(told(changes), [
      [
        'Deployment',
        'changed',
        [[`${CONTAINER}/image`, JSON.stringify(sample('a')), JSON.stringify(sample('b')), undefined]],
      ],
    ]);
    assert.equal(changes.objects[0]?.foreign, undefined);
  });

  test('what people edited is shown with what would be there then, and with who they were', async () => {
    const namespace = await world.freshNamespace();
    const set = [deployment(sample('a'), { env: { LEVEL: 'info', MODE: 'fast' } })];
    await adapter.cluster.apply(placed(set, namespace), namespace, WRITE);
    const containers = [
      {
        name: 'main',
        env: [
          { name: 'LEVEL', value: 'debug' },
          { name: 'MODE', $patch: 'delete' },
          { name: 'THEIRS', value: 'stays' },
        ],
      },
    ];
    await edit(namespace, 'kubectl-edit', { spec: { replicas: 5, template: { spec: { containers } } } });
    const changes = await foreseen(namespace, set, set);
    assert.equal(changes.objects[0]?.foreign, true);
    const [[, , values]] = told(changes) as [[unknown, unknown, readonly unknown[][]]];
    const byPath = new Map(values.map(([path, ...rest]) => [String(path).replace(/env\/\d+/, 'env/?'), rest]));
    assert.deepEqual(byPath.get('/spec/replicas'), ['5', '2', 'kubectl-edit']);
    assert.deepEqual(byPath.get(`${CONTAINER}/env/?/value`), ['"debug"', '"info"', 'kubectl-edit']);
    assert.deepEqual(byPath.get(`${CONTAINER}/env/?`)?.slice(0, 2), [undefined, '{"name":"MODE","value":"fast"}']);
    assert.equal(byPath.size, 3, `nothing of what stays theirs: ${JSON.stringify(values)}`);
    const gone = changes.objects[0]?.values.find((one) => one.after?.includes('MODE') === true);
    assert.deepEqual(gone?.foreign, {}, 'somebody has taken it away');
  });

  test('whoever scales by hand or by itself is told as well', async () => {
    const namespace = await world.freshNamespace();
    const set = [deployment(sample('a'))];
    await adapter.cluster.apply(placed(set, namespace), namespace, WRITE);
    await world.admin.patch(
      `/apis/apps/v1/namespaces/${namespace}/deployments/iam/scale?fieldManager=scaler`,
      { spec: { replicas: 9 } },
      MERGE,
    );
    assert.deepEqual(told(await foreseen(namespace, set, set)), [
      ['Deployment', 'changed', [['/spec/replicas', '9', '2', 'scaler']]],
    ]);
  });

  test('an object that somebody has deleted comes back, and one that others have made is taken over', async () => {
    const namespace = await world.freshNamespace();
    const set = [configMap('settings'), configMap('theirs', { key: 'ours' })];
    await adapter.cluster.apply(placed([configMap('settings')], namespace), namespace, WRITE);
    await adapter.cluster.remove([refOf(configMap('settings'), namespace)], WRITE.signal);
    await world.admin.create(`/api/v1/namespaces/${namespace}/configmaps?fieldManager=kubectl-create`, {
      metadata: { name: 'theirs' },
      data: { key: 'theirs' },
    });
    const { objects } = await foreseen(namespace, set, [configMap('settings')]);
    assert.deepEqual(
      objects.map(({ ref, change, foreign }) => [ref.name, change, foreign]),
      [
        ['settings', 'added', true],
        ['theirs', 'changed', true],
      ],
    );
    assert.equal(objects[1]?.values[0]?.foreign?.by, 'kubectl-create');
  });

  /** A policy of the cluster for ConfigMaps in namespaces with that label, and its binding. */
  const admit = async (
    kind: 'validating' | 'mutating',
    namespace: string,
    spec: object,
    binding = {},
  ): Promise<void> => {
    const labels = { foreseen: namespace };
    await world.admin.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels } }, MERGE);
    const root = '/apis/admissionregistration.k8s.io/v1';
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }]; // prettier-ignore
    const matchConstraints = { resourceRules: rules, namespaceSelector: { matchLabels: labels } };
    const metadata = { name: namespace };
    await world.admin.create(`${root}/${kind}admissionpolicies`, { metadata, spec: { matchConstraints, ...spec } });
    await world.admin.create(`${root}/${kind}admissionpolicybindings`, {
      metadata,
      spec: { policyName: namespace, ...binding },
    });
  };

  test('what the cluster’s admission adds is shown, though no manifest states it', async () => {
    const namespace = await world.freshNamespace();
    const set = [configMap('settings')];
    await adapter.cluster.apply(placed(set, namespace), namespace, WRITE);
    const expression = 'Object{metadata: Object.metadata{labels: {"added": "by-admission"}}}';
    await admit('mutating', namespace, {
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    });
    const changes = await until(
      async () => {
        const found = await foreseen(namespace, set, set);
        return found.objects.length > 0 && found;
      },
      { what: 'the policy to be in force', timeoutMs: 20_000 },
    );
    assert.deepEqual(told(changes), [
      ['ConfigMap', 'changed', [['/metadata/labels', undefined, '{"added":"by-admission"}', undefined]]],
    ]);
  });

  test('what admission denies is refused before anything is written', async () => {
    const namespace = await world.freshNamespace();
    const validations = [{ expression: "!('forbidden' in object.data)", message: 'forbidden is forbidden' }];
    await admit('validating', namespace, { validations }, { validationActions: ['Deny'] });
    const bad = placed([configMap('settings', { forbidden: 'yes' })], namespace);
    const tried = () => adapter.cluster.apply(bad, namespace, DRY);
    const denied = await until(
      () =>
        tried().then(
          () => undefined,
          (error: unknown) => error as Error,
        ),
      {
        // prettier-ignore
        what: 'the policy to be in force',
        timeoutMs: 20_000,
      },
    );
    assert.equal((denied as { code?: string }).code, 'admission-denied');
    assert.match(denied.message, /forbidden is forbidden/);
  });

  test('a field that no schema knows is refused, and nothing is written', async () => {
    const namespace = await world.freshNamespace();
    const odd = placed([configMap('settings'), deployment(sample('a'), { spec: { replica: 3 } })], namespace);
    const error = await rejection(adapter.cluster.apply(odd, namespace, DRY));
    assert.deepEqual([error.code, error.retry], ['manifest-rejected', 'no']);
    assert.deepEqual(
      await adapter.sight.read(
        odd.map((one) => refOf(one, namespace)),
        DRY.signal,
      ),
      [undefined, undefined],
    );
  });

  test('a plan has it beside it, as the environment’s own zone sees its cluster', async () => {
    const memory = await aWorld();
    const namespace = 'iam-staging';
    const [one, two, bad] = [
      await memory.push('one'),
      await memory.push('two'),
      await memory.push('bad', { yaml: YAML.replace('replicas:', 'replica:') }),
    ];
    await promote(memory, requestFor(await planFor(memory, one, '1.0.0')));
    // from here on the zone has a real cluster, in which everything stands as it was left
    const ref = { namespace, name: 'iam' };
    const refs = [
      { ...ref, apiVersion: 'apps/v1', kind: 'Deployment' },
      { ...ref, apiVersion: 'v1', kind: 'Service' },
    ];
    await world.admin.create('/api/v1/namespaces', { metadata: { name: namespace } });
    const left = refs.flatMap((one) => memory.clusters.staging.object(one) ?? []);
    await adapter.cluster.apply(left, namespace, WRITE);
    const record = await memory.clusters.staging.records.read('record', namespace, 'iam');
    await adapter.records.write('record', namespace, 'iam', record ?? assert.fail());
    Object.assign(memory.zones.staging.ports, adapter);

    await edit(namespace, 'kubectl-edit', { spec: { replicas: 5 } });
    const { changes, baseline } = await planFor(memory, two, '2.0.0');
    assert.deepEqual([changes?.against, changes?.notes, changes?.same], ['1.0.0', undefined, 1]);
    assert.equal(changes?.inCluster, memory.zones.staging.now().toISOString());
    assert.deepEqual(told(changes ?? assert.fail()), [
      [
        'Deployment',
        'changed',
        [
          ['/spec/replicas', '5', '2', 'kubectl-edit'],
          [
            `${CONTAINER}/image`,
            `"staging.example.test/iam@${one.digest}"`,
            `"staging.example.test/iam@${two.digest}"`,
            undefined,
          ],
        ],
      ],
    ]);
    assert.deepEqual(baseline.existing.map((one) => one.kind).toSorted(), ['Deployment', 'Service']);
    await assert.rejects(planFor(memory, bad, '3.0.0'), /manifest-rejected.*field not declared in schema/s);
  });

  test('the rights of a release are enough for it, and trying leaves no trace', async () => {
    const namespace = await world.freshNamespace();
    const own = createKubernetesCluster({
      kubeconfig: await world.plane.kubeconfigFor({ namespace, name: 'worker', rules: RELEASE_RULES }),
    });
    const [one, two] = [
      [deployment(sample('a')), service('iam')],
      [deployment(sample('b')), service('iam')],
    ];
    await until(() => own.cluster.apply(placed(one, namespace), namespace, WRITE), {
      what: 'the rights to be in force',
      timeoutMs: 20_000,
    });
    const standing = () => world.admin.get<ManifestObject>(`/apis/apps/v1/namespaces/${namespace}/deployments/iam`);
    const was = (await standing())['spec'];
    const changes = await foreseen(namespace, two, one, own);
    assert.equal(changes.objects.length, 1);
    assert.deepEqual((await standing())['spec'], was);
  });
});
