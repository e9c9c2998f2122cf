/** What an environment takes: its lists of images and kinds, and what no list changes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ManifestRules } from '../../../src/domain/manifest-rules.ts';
import type { ManifestFile } from '../../../src/manifests/manifest-file.ts';
import { type Rendered, renderManifests } from '../../../src/manifests/render.ts';
import { DIGEST, OTHER_DIGEST, deployment, file } from './files.ts';

const HOST = 'prod.example.test';
const BUSYBOX = `docker.io/library/busybox@${OTHER_DIGEST}`;

function render(files: readonly ManifestFile[], rules: ManifestRules | 'judged-before' = {}): Rendered {
  return renderManifests({
    files,
    environment: 'production',
    namespace: 'iam',
    repository: 'iam',
    image: `${HOST}/iam@${DIGEST}`,
    workloads: ['deployment/iam'],
    rules,
  });
}

const withPod = (pod: string): ManifestFile => file('production/deployment.yaml', deployment({ pod }));
const sidecar = (image: string): ManifestFile => withPod(`        - name: proxy\n          image: ${image}\n`);
const good = file('production/deployment.yaml', deployment());
const object = (apiVersion: string, kind: string, rest = ''): ManifestFile =>
  file(`production/${kind}.yaml`, `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: x\n${rest}`);

function refusal(rendered: Rendered) {
  assert.ok(!rendered.ok, 'expected a refusal');
  return rendered;
}

describe('when an environment says nothing of images', () => {
  const places: readonly (readonly [string, ManifestFile])[] = [
    ['a sidecar', sidecar(BUSYBOX)],
    ['an init container', withPod(`      initContainers:\n        - name: a\n          image: ${BUSYBOX}\n`)],
    ['an ephemeral container', withPod(`      ephemeralContainers:\n        - name: a\n          image: ${BUSYBOX}\n`)],
    ['an image volume', withPod(`      volumes:\n        - name: a\n          image: { reference: "${BUSYBOX}" }\n`)],
  ];
  for (const [name, stated] of places) {
    test(`${name} with another image is refused though it is pinned, and the remedy says which entry it would take`, () => {
      const { code, problems } = refusal(render([stated]));
      assert.equal(code, 'manifests-not-allowed');
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.message ?? '', /is not the released one, and production lists no such image/);
      assert.match(
        problems[0]?.remedy ?? '',
        /add "docker\.io\/library\/busybox" to environments\.production\.manifests\.images/,
      );
      assert.match(problems[0]?.where ?? '', /^production\/deployment\.yaml:1[34]$/);
    });
  }

  const templates: readonly (readonly [string, string, string])[] = [
    [
      'batch/v1',
      'CronJob',
      `spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "${BUSYBOX}"}]}}}}}`,
    ],
    ['batch/v1', 'Job', `spec: {template: {spec: {initContainers: [{name: a, image: "${BUSYBOX}"}]}}}`],
    ['v1', 'Pod', `spec: {containers: [{name: a, image: "${BUSYBOX}"}]}`],
    ['v1', 'PodTemplate', `template: {spec: {containers: [{name: a, image: "${BUSYBOX}"}]}}`],
    ['serving.knative.dev/v1', 'Service', `spec: {template: {spec: {containers: [{image: "${BUSYBOX}"}]}}}`],
    ['argoproj.io/v1alpha1', 'Workflow', `spec: {templates: [{name: a, container: {image: "${BUSYBOX}"}}]}`],
    ['argoproj.io/v1alpha1', 'Workflow', `spec: {templates: [{name: a, script: {image: "${BUSYBOX}", source: x}}]}`],
    ['tekton.dev/v1', 'Task', `spec: {steps: [{name: a, image: "${BUSYBOX}"}], sidecars: []}`],
    ['monitoring.coreos.com/v1', 'Prometheus', `spec: {image: "${BUSYBOX}"}`],
  ];
  for (const [apiVersion, kind, rest] of templates) {
    test(`the same in a ${kind} of ${apiVersion}: ${rest.slice(0, 40)} …`, () => {
      const { code, problems } = refusal(render([good, object(apiVersion, kind, rest)]));
      assert.deepEqual([code, problems.length], ['manifests-not-allowed', 1]);
    });
  }

  test('the image of the same name in another registry is another one', () => {
    assert.equal(refusal(render([sidecar(`evil.test/iam@${DIGEST}`)])).code, 'manifests-not-allowed');
  });

  test('what has run there is what it was: nobody is kept from going back by a rule of today', () => {
    assert.ok(render([sidecar(BUSYBOX)], 'judged-before').ok);
  });
});

describe('when an environment lists images', () => {
  const accepted: readonly (readonly [string, string, string])[] = [
    ['its repository', 'docker.io/library/busybox', BUSYBOX],
    [
      'its repository, the image with a tag as well',
      'docker.io/library/busybox',
      `docker.io/library/busybox:1.36@${OTHER_DIGEST}`,
    ],
    ['its repository and digest', BUSYBOX, BUSYBOX],
    ['what is above it', 'docker.io/*', BUSYBOX],
    ['a path above it', 'docker.io/library/*', BUSYBOX],
    ['a registry with a port', 'registry.test:5000/*', `registry.test:5000/a/b@${OTHER_DIGEST}`],
  ];
  for (const [name, entry, image] of accepted) {
    test(`an image is taken when the list has ${name}`, () => {
      const rendered = render([sidecar(image)], { images: [entry] });
      assert.ok(rendered.ok, JSON.stringify(rendered));
    });
  }

  const refused: readonly (readonly [string, string, string])[] = [
    ['another digest than the listed one', BUSYBOX, `docker.io/library/busybox@${DIGEST}`],
    ['a repository whose name goes on', 'docker.io/library/busybox', `docker.io/library/busybox-evil@${OTHER_DIGEST}`],
    [
      'a repository below the listed one',
      'docker.io/library/busybox',
      `docker.io/library/busybox/evil@${OTHER_DIGEST}`,
    ],
    ['a registry whose name begins alike', 'docker.io/*', `docker.io.evil.test/library/busybox@${OTHER_DIGEST}`],
    ['a registry whose name ends alike', 'docker.io/*', `evildocker.io/library/busybox@${OTHER_DIGEST}`],
    ['a dot that is none', 'docker.io/*', `dockerxio.test/library/busybox@${OTHER_DIGEST}`],
    ['the same host with another port', 'registry.test/*', `registry.test:5000/a@${OTHER_DIGEST}`],
    ['a path that begins alike', 'docker.io/library/*', `docker.io/library-evil/busybox@${OTHER_DIGEST}`],
    ['the path itself', 'docker.io/library/*', `docker.io/library@${OTHER_DIGEST}`],
    ['a short name, whose registry is up to the node', 'docker.io/library/busybox', `busybox@${OTHER_DIGEST}`],
  ];
  for (const [name, entry, image] of refused) {
    test(`${name} is refused`, () => {
      assert.equal(refusal(render([sidecar(image)], { images: [entry] })).code, 'manifests-not-allowed');
    });
  }

  test('a listed image without its digest is refused all the same', () => {
    const { code } = refusal(render([sidecar('docker.io/library/busybox:1.36')], { images: ['docker.io/*'] }));
    assert.equal(code, 'manifests-invalid');
  });

  test('the released image with another digest is refused, whatever the list says', () => {
    const { code } = refusal(render([sidecar(`${HOST}/iam@${OTHER_DIGEST}`)], { images: [`${HOST}/*`] }));
    assert.equal(code, 'manifests-invalid');
  });
});

describe('when an environment lists kinds', () => {
  const kinds = ['Deployment', 'Service', 'Rollout.argoproj.io'];

  test('a listed kind is taken', () => {
    const files = [good, object('v1', 'Service'), object('argoproj.io/v1alpha1', 'Rollout')];
    assert.ok(render(files, { kinds }).ok);
  });

  const refused: readonly (readonly [string, string, string, string])[] = [
    ['a kind that is not listed', 'v1', 'Secret', 'Secret'],
    [
      'a listed name in a group that is not Kubernetes’ own',
      'serving.knative.dev/v1',
      'Service',
      'Service.serving.knative.dev',
    ],
    ['a listed kind of another group', 'evil.test/v1', 'Rollout', 'Rollout.evil.test'],
    ['a listed name in other case', 'v1', 'service', 'service'],
  ];
  for (const [name, apiVersion, kind, entry] of refused) {
    test(`${name} is refused, and the remedy says which entry it would take`, () => {
      const { code, problems } = refusal(render([good, object(apiVersion, kind)], { kinds }));
      assert.equal(code, 'manifests-not-allowed');
      assert.ok(problems[0]?.remedy?.includes(`add "${entry}" to environments.production.manifests.kinds`));
    });
  }

  test('what belongs to the whole cluster is refused, listed or not', () => {
    for (const rules of [{ kinds: [...kinds, 'ClusterRole'] }, { kinds }]) {
      const { code, problems } = refusal(render([good, object('rbac.authorization.k8s.io/v1', 'ClusterRole')], rules));
      assert.equal(code, 'manifests-invalid');
      assert.deepEqual(
        problems.map(({ message }) => message),
        ['ClusterRole/x belongs to the whole cluster, not to a service'],
      );
    }
  });

  test('what is in a List is of its own kind', () => {
    const list = 'apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Secret, metadata: { name: x } }\n';
    assert.equal(refusal(render([good, file('production/list.yaml', list)], { kinds })).code, 'manifests-not-allowed');
  });
});

describe('when more than a list is against the manifests', () => {
  test('the code is that of invalid ones, and everything is told at once', () => {
    const { code, problems } = refusal(
      render([sidecar(BUSYBOX), object('v1', 'Secret', '  namespace: other\n')], { kinds: ['Deployment'] }),
    );
    assert.equal(code, 'manifests-invalid');
    assert.equal(problems.length, 3);
    assert.ok(problems.every((one) => Object.keys(one).every((key) => ['where', 'message', 'remedy'].includes(key))));
  });
});
