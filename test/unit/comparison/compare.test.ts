import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareService, sideOf, unusedOf } from '../../../src/comparison/compare.ts';
import type { Ignored } from '../../../src/comparison/ignored.ts';
import type { Compared } from '../../../src/comparison/own.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';

const ONE = `sha256:${'1'.repeat(64)}`;
const OTHER = `sha256:${'2'.repeat(64)}`;

type Tree = Record<string, any>;

function deployment(change: (tree: Tree) => void = () => undefined): ManifestObject {
  const tree: Tree = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'iam', namespace: 'iam', uid: 'a', resourceVersion: '7', labels: { app: 'iam' } },
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'iam',
              image: `onestreamstaging.azurecr.io/iam@${ONE}`,
              env: [
                { name: 'LEVEL', value: 'info' },
                { name: 'DB_PASSWORD', value: 'hunter2' },
              ],
            },
          ],
        },
      },
    },
    status: { readyReplicas: 2 },
  };
  change(tree);
  return tree as unknown as ManifestObject;
}

const container = (tree: Tree): Tree => tree['spec'].template.spec.containers[0];

function pod(image: string, imageID: string): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `iam-${imageID.slice(-4)}`, namespace: 'iam' },
    spec: { containers: [{ name: 'iam', image }] },
    status: { containerStatuses: [{ name: 'iam', imageID }] },
  };
}

const IAM: Compared = {
  service: 'iam',
  legacyNamespace: 'iam',
  namespace: 'iam',
  workloads: ['deployment/iam'],
  sharesNamespace: false,
};

const compare = (
  legacy: readonly ManifestObject[],
  sluice: readonly ManifestObject[],
  ignored: readonly Ignored[] = [],
  compared = IAM,
) => compareService(compared, sideOf(legacy), sideOf(sluice), ignored);

describe('when both have deployed a service', () => {
  test('what the cluster writes itself is no difference', () => {
    const legacy = deployment((tree) => {
      tree['metadata'].uid = 'b';
      tree['metadata'].annotations = { 'deployment.kubernetes.io/revision': '9' };
      tree['status'] = { readyReplicas: 1 };
    });
    assert.deepEqual(compare([legacy], [deployment()]), {
      service: 'iam',
      answer: 'equal',
      objects: [{ object: 'deployment/iam', answer: 'equal', values: [] }],
    });
  });

  test('a tag in another registry is the same image when its pods run that digest', () => {
    const tagged = 'old.example.test/iam:1.2.3';
    const legacy = deployment((tree) => (container(tree)['image'] = tagged));
    assert.equal(compare([legacy, pod(tagged, `old.example.test/iam@${ONE}`)], [deployment()]).answer, 'equal');
    const { answer, objects } = compare([legacy, pod(tagged, `old.example.test/iam@${OTHER}`)], [deployment()]);
    assert.equal(answer, 'different');
    assert.deepEqual(
      objects[0]?.values.map(({ what }) => what),
      ['image'],
    );
  });

  test('a tag of which nobody has said what it stands for is unknown, and not equal', () => {
    const tagged = 'old.example.test/iam:1.2.3';
    const legacy = deployment((tree) => (container(tree)['image'] = tagged));
    assert.equal(compare([legacy], [deployment()]).answer, 'unknown');
    const between = [pod(tagged, `a/iam@${ONE}`), pod(tagged, `a/iam@${OTHER}`)];
    assert.equal(compare([legacy, ...between], [deployment()]).answer, 'unknown', 'in the middle of a roll-out');
  });

  test('one tag on both sides is compared by what each side’s pods run, and unknown where there are none', () => {
    const tagged = deployment((tree) => (container(tree)['image'] = 'r.example.test/iam:1'));
    const running = (digest: string) => [tagged, pod('r.example.test/iam:1', `r.example.test/iam@${digest}`)];
    assert.equal(compare(running(ONE), running(ONE)).answer, 'equal');
    assert.equal(compare(running(ONE), running(OTHER)).answer, 'different');
    assert.equal(compare([tagged], [tagged]).answer, 'unknown');
    assert.equal(compare(running(ONE), [tagged]).answer, 'unknown');
    const ignored = [{ path: '/spec/template/spec/containers', reason: 'a sidecar of others' }];
    assert.equal(compare([tagged], [tagged], ignored).answer, 'equal');
  });

  test('ports that the cluster gives to a Service are no difference', () => {
    const service = (nodePort: number): ManifestObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'iam', namespace: 'iam' },
      spec: { healthCheckNodePort: nodePort + 1, ports: [{ port: 8080, nodePort }] },
    });
    assert.equal(compare([deployment(), service(30001)], [deployment(), service(31002)]).answer, 'equal');
  });

  test('a volume that the cluster has found for a claim is no difference, one that somebody has named is', () => {
    const claim = (volumeName: string, annotations: Tree): ManifestObject => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'iam', annotations, finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { volumeName, resources: { requests: { storage: '1Gi' } } },
    });
    const bound = { 'pv.kubernetes.io/bound-by-controller': 'yes', 'pv.kubernetes.io/bind-completed': 'yes' };
    const claims = (was: ManifestObject, is: ManifestObject) => compare([deployment(), was], [deployment(), is]).answer;
    assert.equal(claims(claim('pvc-1', bound), claim('pvc-2', bound)), 'equal');
    assert.equal(claims(claim('disk-1', {}), claim('disk-2', {})), 'different');
    assert.equal(claims(claim('pvc-1', bound), claim('disk-2', {})), 'different');
  });

  test('a pod that has finished says nothing about what a tag stands for now', () => {
    const tagged = 'old.example.test/iam:1';
    const legacy = deployment((tree) => (container(tree)['image'] = tagged));
    const finished = (phase: string): ManifestObject => {
      const done = pod(tagged, `old.example.test/iam@${OTHER}`);
      return { ...done, status: { ...(done['status'] as Tree), phase } };
    };
    const running = pod(tagged, `old.example.test/iam@${ONE}`);
    for (const phase of ['Succeeded', 'Failed']) {
      assert.equal(compare([legacy, finished(phase), running], [deployment()]).answer, 'equal', phase);
      assert.equal(compare([legacy, finished(phase)], [deployment()]).answer, 'unknown', phase);
    }
  });

  test('another digest, number of replicas or setting is different, each called what it is', () => {
    const legacy = deployment((tree) => {
      tree['spec'].replicas = 3;
      container(tree)['image'] = `old.example.test/iam@${OTHER}`;
      container(tree)['env'][0].value = 'debug';
    });
    const { answer, objects } = compare([legacy], [deployment()]);
    assert.equal(answer, 'different');
    assert.deepEqual(objects[0]?.values.map(({ what }) => what).toSorted(), ['configuration', 'image', 'replicas']);
  });

  test('a secret is told to differ, and never shown', () => {
    const secret = (data: string): ManifestObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'iam' },
      data: { key: data },
    });
    const legacy = [deployment((tree) => (container(tree)['env'][1].value = 'swordfish')), secret('b25l')];
    const found = compare(legacy, [deployment(), secret('dHdv')]);
    assert.equal(found.answer, 'different');
    assert.doesNotMatch(JSON.stringify(found), /swordfish|hunter2|b25l|dHdv/);
    assert.equal(found.objects.flatMap(({ values }) => values).filter(({ hidden }) => hidden).length, 2);
  });

  test('what is said not to matter does not, and nothing else', () => {
    const legacy = deployment((tree) => {
      tree['metadata'].labels = { app: 'iam', team: 'a' };
      tree['spec'].replicas = 3;
    });
    const ignored = [{ path: '/metadata/labels/team', reason: 'who owns it' }];
    assert.deepEqual(
      compare([legacy], [deployment()], ignored).objects[0]?.values.map(({ path }) => path),
      ['/spec/replicas'],
    );
    const both = [...ignored, { path: '/spec/replicas', reason: 'autoscaler' }];
    assert.equal(compare([legacy], [deployment()], both).answer, 'equal');
    const old = { path: '/spec/paused', reason: 'of last year' };
    assert.deepEqual(unusedOf([...both, old], [compare([legacy], [deployment()], [...both, old])]), [old]);
    assert.equal(
      compare([legacy], [deployment()], [...ignored, { path: '/spec/rep', reason: 'half a name' }]).answer,
      'different',
    );
  });
});

describe('when one side has something that the other has not', () => {
  const config: ManifestObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'iam', namespace: 'iam' },
    data: {},
  };

  test('it is missing, and said where', () => {
    assert.deepEqual(
      compare([deployment()], [deployment(), config]).objects.filter(({ answer }) => answer === 'missing'),
      [{ object: 'configmap/iam', answer: 'missing', missingIn: 'legacy', values: [] }],
    );
  });

  test('a workload of sluice.yaml that neither has is missing too: nothing was compared', () => {
    assert.equal(compare([], []).answer, 'missing');
  });

  test('what is made of others, or given to each namespace, is not looked for', () => {
    const given: ManifestObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace: 'iam' },
    };
    assert.equal(compare([deployment(), given, pod('x', `x@${ONE}`)], [deployment()]).answer, 'equal');
  });

  const secret = (type: string, name: string): ManifestObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: { name, namespace: 'iam' },
  });
  const controlledBy = (controller: boolean): ManifestObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'made',
      namespace: 'iam',
      ownerReferences: [{ kind: 'Made', name: 'iam', uid: 'x', controller }],
    },
  });
  const configMap = (name: string, labels: Tree): ManifestObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'iam', labels },
  });
  const derived: readonly (readonly [string, ManifestObject])[] = [
    ['a release that Helm has written down', secret('helm.sh/release.v1', 'sh.helm.release.v1.iam.v7')],
    ['a token of a service account', secret('kubernetes.io/service-account-token', 'iam-token-abcde')],
    ['what a controller makes', controlledBy(true)],
    [
      'what Sluice remembers of a service',
      configMap('sluice-iam', { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/service': 'iam' }),
    ],
    ['a release that Helm keeps in a ConfigMap', configMap('sh.helm.release.v1.iam.v7', { owner: 'helm' })],
  ];
  for (const [what, object] of derived)
    test(`${what} follows from something else and is left out`, () => {
      assert.equal(compare([deployment(), object], [deployment()]).answer, 'equal');
    });

  test('an owner that is no controller makes nothing: what it owns is compared, and so is a secret that people made', () => {
    assert.equal(compare([deployment(), controlledBy(false)], [deployment()]).answer, 'missing');
    assert.equal(compare([deployment(), secret('Opaque', 'keys')], [deployment()]).answer, 'missing');
  });

  test('a workload of sluice.yaml is compared also where a controller makes it', () => {
    const made = deployment((tree) => (tree['metadata'].ownerReferences = [{ uid: 'x', controller: true }]));
    assert.equal(compare([made], [deployment()]).answer, 'equal');
  });

  test('kinds of one name in two groups are two, each compared with its own', () => {
    const knative = (image: string): ManifestObject => ({
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'iam', namespace: 'iam' },
      spec: { template: { spec: { containers: [{ image: `r.example.test/iam@${image}` }] } } },
    });
    const core: ManifestObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'iam', namespace: 'iam' },
      spec: { ports: [{ port: 80 }] },
    };
    const both = [deployment(), core];
    assert.equal(compare([...both, knative(ONE)], [...both, knative(ONE)]).answer, 'equal');
    const { objects } = compare([...both, knative(ONE)], [...both, knative(OTHER)]);
    assert.deepEqual(
      objects.filter(({ answer }) => answer !== 'equal').map(({ object }) => object),
      ['service.serving.knative.dev/iam'],
    );
  });

  test('in a namespace that services share only its own objects count', () => {
    const foreign: ManifestObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'billing', namespace: 'iam', labels: { app: 'billing' } },
    };
    const shared = { ...IAM, sharesNamespace: true };
    assert.equal(compare([deployment(), foreign], [deployment()], [], shared).answer, 'equal');
    assert.equal(compare([deployment(), foreign], [deployment()]).answer, 'missing');
  });
});
