import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { draftOf } from '../../../src/comparison/draft.ts';
import { isNamedAfter } from '../../../src/comparison/own.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';

const SERVICE = 'iam';
const IMAGE = 'legacy.example.org/team/iam:1.2';

const object = (kind: string, more: Readonly<Record<string, unknown>> = {}, metadata = {}): ManifestObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name: SERVICE, namespace: 'old', uid: 'u', resourceVersion: '7', ...metadata },
  ...more,
});
const deployment = (images: readonly string[] = [IMAGE], metadata = {}): ManifestObject =>
  object(
    'Deployment',
    {
      spec: { template: { spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } } },
      status: {},
    },
    { annotations: { 'deployment.kubernetes.io/revision': '3' }, ...metadata },
  );
const draft = (...objects: readonly ManifestObject[]) =>
  draftOf({ service: SERVICE, environment: 'production', objects, isOwn: (one) => isNamedAfter(SERVICE, one) });
const written = (kind: string, made = draft()): ManifestObject =>
  parse(made?.files.find(({ path }) => path === `iam/production/${kind}-iam.yaml`)?.text ?? '') as ManifestObject;

describe('when a service is drafted from what stands in a cluster', () => {
  test('what the cluster writes itself is left out, and the image is the repository', () => {
    const made = draft(deployment());
    assert.deepEqual(written('deployment', made), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: SERVICE },
      spec: { template: { spec: { containers: [{ name: 'c0', image: 'team/iam' }] } } },
    });
    assert.match(made?.entry ?? '', /repository: team\/iam\n/);
  });

  test('addresses and ports that the cluster has given to a Service are left out', () => {
    const spec = { clusterIP: '10.0.0.7', clusterIPs: ['10.0.0.7'], type: 'LoadBalancer' };
    const service = object('Service', { spec: { ...spec, ports: [{ port: 80, nodePort: 31_000 }] } });
    const { spec: left } = written('service', draft(deployment(), service));
    assert.deepEqual(left, { type: 'LoadBalancer', ports: [{ port: 80 }] });
  });

  test('what kubectl was given counts, and what somebody has written into its annotation that is no object does not', () => {
    const applied = { ...object('ConfigMap', { data: { a: 'as written' } }), metadata: { name: SERVICE } };
    const annotated = (text: string) =>
      object(
        'ConfigMap',
        { data: { a: 'edited' } },
        { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } },
      );
    assert.deepEqual(written('configmap', draft(deployment(), annotated(JSON.stringify(applied))))['data'], {
      a: 'as written',
    });
    for (const text of ['{', 'null', '{"kind": 3}'])
      assert.deepEqual(written('configmap', draft(deployment(), annotated(text)))['data'], { a: 'edited' }, text);
  });

  test('no Secret and nothing of others is written, and both are told', () => {
    const secret = object('Secret', { type: 'Opaque', data: { token: 'c2VjcmV0' } });
    const other = object('ConfigMap', { data: { b: 'theirs' } }, { name: 'mail' });
    const made = draft(deployment(), secret, other);
    assert.deepEqual(
      made?.files.map(({ path }) => path),
      ['iam/production/deployment-iam.yaml'],
    );
    assert.doesNotMatch(JSON.stringify(made), /c2VjcmV0|theirs/);
    assert.match(made?.notes.join('\n') ?? '', /secret\/iam is left out[^]*left out: configmap\/mail/);
  });

  test('of several containers the one that is named like the service is released, the others want a digest', () => {
    const made = draft(deployment([IMAGE, 'proxy:2', `side@sha256:${'1'.repeat(64)}`]));
    assert.match(made?.notes.join('\n') ?? '', /^proxy:2 is named by a tag/);
    assert.doesNotMatch(made?.notes.join('\n') ?? '', /side@/);
    const unclear = draft(deployment(['one:1', 'two:2']));
    assert.match(unclear?.notes.join('\n') ?? '', /which image is released is not clear: .*\(one:1, two:2\)/);
  });

  test('without a workload there is no draft', () => assert.equal(draft(object('ConfigMap')), undefined));
});
