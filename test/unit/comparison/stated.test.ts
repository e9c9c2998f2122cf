/** Where the side of Sluice is manifests; that the API server really fills in just this is tested in test/integration/cli/compare-live.test.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareService, sideOf } from '../../../src/comparison/compare.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';

const IAM = {
  service: 'iam',
  legacyNamespace: 'iam',
  namespace: 'iam',
  workloads: ['deployment/iam'],
  sharesNamespace: false,
};
const IMAGE = `r.example.test/iam@sha256:${'1'.repeat(64)}`;

function deployment(spec: object, container: object = {}): ManifestObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'iam', namespace: 'iam' },
    spec: { ...spec, template: { spec: { containers: [{ name: 'iam', image: IMAGE, ...container }] } } },
  };
}

const places = (legacy: ManifestObject, stated: ManifestObject, isStated = true): readonly string[] =>
  compareService(IAM, sideOf([legacy]), sideOf([stated], isStated), []).objects.flatMap(({ values }) =>
    values.map(({ path }) => path),
  );

describe('when a deployment is compared with what manifests state', () => {
  test('what the API server fills in is no difference, anything else in that place is', () => {
    const usual = { rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' }, type: 'RollingUpdate' };
    assert.deepEqual(places(deployment({ strategy: usual, revisionHistoryLimit: 10 }), deployment({})), []);
    assert.deepEqual(places(deployment({ strategy: { type: 'Recreate' }, replicas: 3 }), deployment({})).toSorted(), [
      '/spec/replicas',
      '/spec/strategy',
    ]);
    const careful = { ...usual, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    assert.deepEqual(places(deployment({ strategy: careful }), deployment({ strategy: { type: 'RollingUpdate' } })), [
      '/spec/strategy/rollingUpdate',
    ]);
  });

  test('what the manifests state and legacy has not is a difference, also where it is the usual value', () => {
    assert.deepEqual(places(deployment({}), deployment({ revisionHistoryLimit: 10 })), ['/spec/revisionHistoryLimit']);
  });

  test('two recorded clusters are compared as they stand: there a missing value is one', () => {
    assert.deepEqual(places(deployment({ revisionHistoryLimit: 10 }), deployment({}), false), [
      '/spec/revisionHistoryLimit',
    ]);
  });

  test('amounts are compared as amounts, and only where amounts stand', () => {
    const asks = (cpu: unknown, memory: string) => ({ resources: { requests: { cpu, memory } } });
    assert.deepEqual(places(deployment({}, asks('500m', '1Gi')), deployment({}, asks(0.5, '1024Mi'))), []);
    assert.deepEqual(places(deployment({}, asks('500m', '1Gi')), deployment({}, asks('0.5', '1G'))), [
      '/spec/template/spec/containers/0/resources/requests/memory',
    ]);
    const said = (value: string) => ({ env: [{ name: 'LIMIT', value }] });
    assert.deepEqual(places(deployment({}, said('500m')), deployment({}, said('0.5'))).length, 1);
  });

  test('a secret whose manifest states its text is the one that stands there encoded', () => {
    const secret = (fields: object): ManifestObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'iam', namespace: 'iam' },
      ...fields,
    });
    const live = secret({ type: 'Opaque', data: { key: 'w6Rob24=' } });
    assert.deepEqual(places(live, secret({ stringData: { key: 'ähon' } })), []);
    assert.deepEqual(places(live, secret({ stringData: { key: 'ahon' } })), ['/data/key']);
  });
});
