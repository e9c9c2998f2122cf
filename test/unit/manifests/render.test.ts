import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import type { ManifestFile } from '../../../src/manifests/manifest-file.ts';
import { type RenderRequest, renderManifests } from '../../../src/manifests/render.ts';
import { DIGEST, OTHER_DIGEST, deployment, file } from './files.ts';

const RELEASED = `127.0.0.1:16501/iam@${DIGEST}`;
const LISTED = ['docker.io/library/busybox', 'registry.test:5000/*', 'other.test/iam', '127.0.0.1:16501/not-iam'];

function render(files: readonly ManifestFile[], changes: Partial<RenderRequest> = {}) {
  return renderManifests({
    files,
    environment: 'dev',
    namespace: 'iam-dev',
    repository: 'iam',
    image: RELEASED,
    workloads: ['deployment/iam'],
    rules: { images: LISTED },
    ...changes,
  });
}

function objectsOf(files: readonly ManifestFile[], changes: Partial<RenderRequest> = {}): readonly ManifestObject[] {
  const rendered = render(files, changes);
  assert.ok(rendered.ok, JSON.stringify(rendered));
  return rendered.objects;
}

function problemsOf(files: readonly ManifestFile[], changes: Partial<RenderRequest> = {}) {
  const rendered = render(files, changes);
  assert.ok(!rendered.ok, 'expected problems');
  return rendered.problems;
}

const good = file('dev/deployment.yaml', deployment());
const withPod = (pod: string): ManifestFile => file('dev/deployment.yaml', deployment({ pod }));
const object = (kind: string, apiVersion = 'v1', name = 'x', rest = ''): ManifestFile =>
  file(
    `dev/${kind.toLowerCase()}-${name}.yaml`,
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}`,
  );

describe('when the manifests are in order', () => {
  test('the released image is set by digest, the namespace is added, and nothing else is changed', () => {
    const [rendered] = objectsOf([good]);
    assert.deepEqual(rendered, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'iam', namespace: 'iam-dev' },
      spec: { template: { spec: { containers: [{ name: 'main', image: RELEASED }] } } },
    });
  });

  test('only the folder of the environment counts', () => {
    const files = [
      good,
      file('staging/broken.yaml', 'a: ['),
      file('dev-2/other.yaml', 'b: ['),
      file('readme.yaml', 'c: ['),
    ];
    assert.equal(objectsOf(files).length, 1);
  });

  test('folders below the environment count', () => {
    assert.equal(objectsOf([file('dev/a/b/deployment.yaml', deployment())]).length, 1);
  });

  test("the environment's own namespace may be stated", () => {
    assert.equal(objectsOf([file('dev/d.yaml', deployment({ namespace: 'iam-dev' }))]).length, 1);
  });

  test('workloads come last, everything else in the order of files', () => {
    const files = [file('dev/a.yaml', deployment()), object('Service'), object('ConfigMap')];
    assert.deepEqual(
      objectsOf(files).map(({ kind }) => kind),
      ['Service', 'ConfigMap', 'Deployment'],
    );
  });

  test('rendering leaves its input alone and can be done again for another registry', () => {
    const files = [good];
    const first = objectsOf(files);
    const second = objectsOf(files, { image: `other.test/iam@${DIGEST}`, namespace: 'iam' });
    assert.notDeepEqual(first, second);
    assert.deepEqual(objectsOf(files), first);
  });

  test('a repository with a path is written with its path', () => {
    const image = `127.0.0.1:16501/team/iam@${DIGEST}`;
    const files = [file('dev/d.yaml', deployment({ image: 'team/iam' }))];
    assert.match(
      JSON.stringify(objectsOf(files, { repository: 'team/iam', image })),
      /127.0.0.1:16501\/team\/iam@sha256/,
    );
    assert.match(problemsOf(files)[0]?.message ?? '', /not pinned/);
  });

  test('a List is its items, each with image and namespace', () => {
    const items = deployment().trimEnd().replaceAll('\n', '\n    ');
    const objects = objectsOf([file('dev/list.yaml', `apiVersion: v1\nkind: List\nitems:\n  - ${items}\n`)]);
    assert.deepEqual(
      objects.map(({ kind, metadata }) => [kind, metadata.namespace]),
      [['Deployment', 'iam-dev']],
    );
  });
});

describe('when images are named', () => {
  const accepted: readonly (readonly [string, string])[] = [
    ['another image, pinned', `docker.io/library/busybox@${OTHER_DIGEST}`],
    ['another image with tag and digest', `registry.test:5000/proxy:1.2@${OTHER_DIGEST}`],
    ['the released image as it will be', RELEASED],
    ['the released repository in another registry, pinned', `other.test/iam@${OTHER_DIGEST}`],
    ['a repository whose name ends alike', `127.0.0.1:16501/not-iam@${OTHER_DIGEST}`],
  ];
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['a tag', 'busybox:1.36', /not pinned by digest/],
    ['no tag', 'busybox', /not pinned by digest/],
    ['the released image with a tag', 'iam:2026.11.3', /not pinned by digest/],
    ['the released image with a registry and a tag', '127.0.0.1:16501/iam:2026.11.3', /not pinned by digest/],
    ['the released image of a registry, bare', '127.0.0.1:16501/iam', /not pinned by digest/],
    ['the released image with another digest', `127.0.0.1:16501/iam@${OTHER_DIGEST}`, /another digest/],
    ['half a digest', 'busybox@sha256:abcd', /not pinned by digest/],
    ['a digest in upper case', `busybox@${DIGEST.toUpperCase()}`, /not pinned by digest/],
    ['a placeholder', '"{{ image }}"', /not pinned by digest/],
    ['a variable', '"${IMAGE}"', /not pinned by digest/],
    ['an empty text', '""', /not pinned by digest/],
    ['upper case', `Busybox@${OTHER_DIGEST}`, /not pinned by digest/],
  ];
  const lists: readonly (readonly [string, (image: string) => string])[] = [
    ['containers', (image) => `        - name: other\n          image: ${image}\n`],
    ['initContainers', (image) => `      initContainers:\n        - name: other\n          image: ${image}\n`],
    [
      'ephemeralContainers',
      (image) => `      ephemeralContainers:\n        - name: other\n          image: ${image}\n`,
    ],
    ['volumes', (image) => `      volumes:\n        - name: other\n          image: {reference: ${image}}\n`],
  ];
  for (const [list, pod] of lists) {
    for (const [name, image] of accepted) {
      test(`${list}: ${name} is accepted as it is`, () => {
        assert.ok(JSON.stringify(objectsOf([withPod(pod(image))])).includes(image));
      });
    }
    for (const [name, image, message] of refused) {
      test(`${list}: ${name} is refused with file, line and remedy`, () => {
        const problems = problemsOf([withPod(pod(image))]);
        assert.equal(problems.length, 1);
        assert.match(problems[0]?.message ?? '', message);
        assert.match(problems[0]?.message ?? '', /^Deployment\/iam: /);
        assert.match(problems[0]?.where ?? '', /^dev\/deployment\.yaml:1[34]$/);
        assert.ok(problems[0]?.remedy);
      });
    }
    test(`${list}: the released image is replaced`, () => {
      const text = JSON.stringify(objectsOf([withPod(pod('iam'))]));
      assert.equal(text.split(RELEASED).length - 1, 2);
    });
  }

  test('the remedy for the released image says how to write it', () => {
    const [problem] = problemsOf([withPod(lists[0]![1]('iam:1.0'))]);
    assert.match(problem?.remedy ?? '', /"image: iam"/);
  });

  const shapes: readonly (readonly [string, string])[] = [
    ['CronJob', 'spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "x:1"}]}}}}}'],
    ['Job', 'spec: {template: {spec: {containers: [{name: a, image: "x:1"}]}}}'],
    ['Pod', 'spec: {containers: [{name: a, image: "x:1"}]}'],
    ['Rollout', 'spec: {template: {spec: {containers: [{name: a, image: "x:1"}]}}}'],
  ];
  for (const [kind, spec] of shapes) {
    test(`the images of a ${kind} are held to the same rule`, () => {
      const problems = problemsOf([good, object(kind, 'example.test/v1', 'x', spec)]);
      assert.match(problems[0]?.message ?? '', new RegExp(`^${kind}/x: image "x:1" is not pinned`));
    });
  }

  test('what only looks like a container in a text is left alone', () => {
    const data = 'data:\n  pod.yaml: |\n    containers:\n      - image: iam\n';
    const map = objectsOf([good, object('ConfigMap', 'v1', 'x', data)]).find(({ kind }) => kind === 'ConfigMap');
    assert.deepEqual(map?.['data'], { 'pod.yaml': 'containers:\n  - image: iam\n' });
  });

  test('entries that are no containers are left to the cluster', () => {
    const spec =
      'spec: {containers: [5, null, {name: a}, {image: [1]}], volumes: [{name: a, image: null}, {emptyDir: {}}]}';
    assert.equal(objectsOf([good, object('Thing', 'example.test/v1', 'x', spec)]).length, 2);
  });
});

describe("when an object is not a service's to release", () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['Namespace', 'v1', /belongs to the whole cluster/],
    ['Node', 'v1', /belongs to the whole cluster/],
    ['PersistentVolume', 'v1', /belongs to the whole cluster/],
    ['ClusterRole', 'rbac.authorization.k8s.io/v1', /belongs to the whole cluster/],
    ['ClusterRoleBinding', 'rbac.authorization.k8s.io/v1beta1', /belongs to the whole cluster/],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', /belongs to the whole cluster/],
    ['ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', /belongs to the whole cluster/],
    ['StorageClass', 'storage.k8s.io/v1', /belongs to the whole cluster/],
    ['Kustomization', 'kustomize.config.k8s.io/v1beta1', /input for kustomize/],
  ];
  for (const [kind, apiVersion, message] of refused) {
    test(`a ${kind} is refused`, () => {
      const problems = problemsOf([good, object(kind, apiVersion)]);
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.message ?? '', message);
      assert.ok(problems[0]?.remedy);
    });
  }

  const accepted: readonly (readonly [string, string])[] = [
    ['Role', 'rbac.authorization.k8s.io/v1'],
    ['Secret', 'v1'],
    ['Kustomization', 'kustomize.toolkit.fluxcd.io/v1'],
    ['Node', 'example.test/v1'],
    ['Namespace', 'example.test/v1'],
  ];
  for (const [kind, apiVersion] of accepted) {
    test(`a ${kind} of ${apiVersion} is accepted`, () => {
      assert.equal(objectsOf([good, object(kind, apiVersion)]).length, 2);
    });
  }

  const namespaces: readonly (readonly [string, string])[] = [
    ['another', 'iam'],
    ['one that goes on', 'iam-dev-2'],
    ['an empty one', '""'],
    ['one in other case', 'IAM-DEV'],
    ['a number', '5'],
    ['a list', '[iam-dev]'],
  ];
  for (const [name, namespace] of namespaces) {
    test(`namespace: ${name} is refused with its line`, () => {
      const problems = problemsOf([file('dev/d.yaml', deployment({ namespace }))]);
      assert.deepEqual(
        problems.map(({ where }) => where),
        ['dev/d.yaml:5'],
      );
      assert.match(problems[0]?.message ?? '', /names namespace .*; expected "iam-dev"/);
    });
  }

  test('a namespace left empty counts as left out', () => {
    const [rendered] = objectsOf([file('dev/d.yaml', deployment({ namespace: '' }))]);
    assert.equal(rendered?.metadata.namespace, 'iam-dev');
  });

  for (const field of ['uid', 'resourceVersion', 'managedFields', 'generateName']) {
    test(`metadata.${field} is refused: the file came out of a cluster`, () => {
      const problems = problemsOf([good, object('ConfigMap', 'v1', 'x', `  ${field}: a\n`)]);
      assert.deepEqual(
        problems.map(({ where }) => where),
        ['dev/configmap-x.yaml:5'],
      );
    });
  }
});

describe('when the set as a whole is wrong', () => {
  test('a missing folder is told with those that exist', () => {
    const [problem] = problemsOf([file('staging/a.yaml', ''), file('production/b.yaml', ''), file('top.yaml', '')]);
    assert.equal(problem?.where, 'dev/');
    assert.match(problem?.message ?? '', /no folder for environment "dev"; there is: production, staging$/);
  });

  test('no folder at all is told so', () => {
    assert.match(problemsOf([])[0]?.message ?? '', /no folder at all/);
  });

  test('a folder without objects lacks its workloads', () => {
    assert.match(problemsOf([file('dev/a.yaml', '# nothing\n')])[0]?.message ?? '', /no manifest states the workload/);
  });

  test('the same object twice is a problem that names both places', () => {
    const problems = problemsOf([good, file('dev/z.yaml', `---\n${deployment()}`)]);
    assert.deepEqual(
      problems.map(({ where }) => where),
      ['dev/z.yaml:2'],
    );
    assert.match(problems[0]?.message ?? '', /stated twice, here and in dev\/deployment.yaml:1/);
  });

  test('the same name in another kind, or another version of the same kind, is told apart rightly', () => {
    assert.equal(objectsOf([good, object('Service', 'v1', 'iam')]).length, 2);
    const twice = [
      good,
      object('HorizontalPodAutoscaler', 'autoscaling/v1', 'a'),
      file('dev/h2.yaml', 'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}'),
    ];
    assert.match(problemsOf(twice)[0]?.message ?? '', /stated twice/);
  });

  test('a configured workload that is missing is told with those that run the image', () => {
    const [problem] = problemsOf([good], { workloads: ['deployment/iam', 'statefulset/iam'] });
    assert.match(problem?.message ?? '', /no manifest states the workload statefulset\/iam; .*: deployment\/iam$/);
  });

  test('a configured workload is found whatever its case', () => {
    assert.equal(objectsOf([good], { workloads: ['Deployment/iam'] }).length, 1);
  });

  test('a workload without the released image is a problem', () => {
    const problems = problemsOf([
      file('dev/d.yaml', deployment({ image: `docker.io/library/busybox@${OTHER_DIGEST}` })),
    ]);
    assert.match(problems[0]?.message ?? '', /deployment\/iam has no container with the released image/);
  });

  test('an init container alone does not make a workload run the released image', () => {
    const pod = '      initContainers:\n        - name: migrate\n          image: iam\n';
    const problems = problemsOf([
      file('dev/d.yaml', deployment({ image: `docker.io/library/busybox@${OTHER_DIGEST}`, pod })),
    ]);
    assert.match(problems[0]?.message ?? '', /no container with the released image/);
  });

  test('all problems are told at once, each with file and line', () => {
    const files = [
      file('dev/a.yaml', deployment({ namespace: 'other', image: 'iam:1' })),
      object('Namespace'),
      file('dev/b.yaml', deployment({ name: 'worker', image: 'busybox' })),
    ];
    assert.deepEqual(
      problemsOf(files)
        .map(({ where }) => where)
        .sort(),
      ['dev/a.yaml:1', 'dev/a.yaml:12', 'dev/a.yaml:5', 'dev/b.yaml:11', 'dev/namespace-x.yaml:2'],
    );
  });

  test('a file that does not parse is not also blamed for the workload that is in it', () => {
    const problems = problemsOf([file('dev/d.yaml', `${deployment()}broken: [`)]);
    assert.ok(
      problems.every(({ where }) => where.startsWith('dev/d.yaml:')),
      JSON.stringify(problems),
    );
  });

  test('no message repeats what a Secret holds', () => {
    const secret = 'hunter2hunter2';
    const rest = `  namespace: other\n  uid: x\ndata:\n  password: ${secret}\nstringData: {containers: [{image: "x:1"}], a: ${secret}}\n`;
    const problems = problemsOf([
      good,
      object('Secret', 'v1', 'x', rest),
      file('dev/z.yaml', `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {a: ${secret}}`),
    ]);
    assert.ok(problems.length >= 3);
    assert.ok(!JSON.stringify(problems).includes(secret));
  });
});
