import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ApiAnswer, errorFor } from '../../../src/adapters/cluster/kubernetes/api-answers.ts';

const ASKED = { verb: 'patch', resource: 'deployments.apps', namespace: 'iam', what: 'deployment/iam' };
const answer = (
  code: number,
  message: string,
  more: Partial<ApiAnswer['status']> = {},
  retryAfterMs?: number,
): ApiAnswer => ({
  code,
  status: { message, ...more },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Messages as an API server of 1.36 writes them. */
const CASES: readonly (readonly [title: string, answer: ApiAnswer, code: string, retry: unknown])[] = [
  ['wrong or expired token', answer(401, 'Unauthorized'), 'cluster-unauthorized', 'no'],
  [
    'missing right',
    answer(
      403,
      'deployments.apps "iam" is forbidden: User "w" cannot patch resource "deployments" in API group "apps" in the namespace "iam"',
    ),
    'cluster-forbidden',
    'no',
  ],
  [
    'role that is not there yet',
    answer(403, 'forbidden: RBAC: role.rbac.authorization.k8s.io "worker" not found'),
    'cluster-forbidden',
    'no',
  ],
  [
    'quota on objects',
    answer(403, 'services "iam" is forbidden: exceeded quota: few, requested: count/services=1'),
    'quota-exceeded',
    'no',
  ],
  [
    'pod security',
    answer(403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest"'),
    'admission-denied',
    'no',
  ],
  ['another admission plug-in', answer(403, 'pods "x" is forbidden: no service account'), 'admission-denied', 'no'],
  [
    'namespace that is going away',
    answer(403, 'because it is being terminated', { details: { causes: [{ reason: 'NamespaceTerminating' }] } }),
    'namespace-missing',
    'no',
  ],
  [
    'no such namespace',
    answer(404, 'namespaces "iam" not found', { details: { kind: 'namespaces', name: 'iam' } }),
    'namespace-missing',
    'no',
  ],
  ['kind no longer served', answer(404, 'the server could not find the requested resource'), 'manifest-rejected', 'no'],
  [
    'webhook denial, whatever its code',
    answer(400, 'admission webhook "v.example.com" denied the request: no'),
    'admission-denied',
    'no',
  ],
  [
    'policy denial without a reason of its own',
    answer(
      422,
      'deployments.apps "iam" is forbidden: ValidatingAdmissionPolicy "p" with binding "b" denied request: images must be pinned',
    ),
    'admission-denied',
    'no',
  ],
  [
    'invalid value',
    answer(422, 'Deployment.apps "iam" is invalid: spec.replicas: Invalid value: -1'),
    'manifest-rejected',
    'no',
  ],
  ['field of the wrong kind', answer(400, 'failed to decode'), 'manifest-rejected', 'no'],
  [
    'unknown field, which the server calls its own fault',
    answer(
      500,
      'failed to create typed patch object (iam/iam; apps/v1, Kind=Deployment): .spec.replcas: field not declared in schema',
    ),
    'manifest-rejected',
    'no',
  ],
  [
    'field owned by another manager',
    answer(409, 'Apply failed with 1 conflict', { details: { causes: [{ reason: 'FieldManagerConflict' }] } }),
    'apply-conflict',
    'no',
  ],
  ['two writers at once', answer(409, 'the object has been modified'), 'apply-conflict', 'yes'],
  ['history that is gone', answer(410, 'too old resource version'), 'cluster-failing', 'yes'],
  ['too many requests', answer(429, 'too many', {}, 3000), 'cluster-failing', { afterMs: 3000 }],
  [
    'webhook out of reach',
    answer(500, 'failed calling webhook "v.example.com": context deadline exceeded'),
    'cluster-failing',
    'yes',
  ],
  ['server shutting down', answer(503, 'apiserver is shutting down', {}, 1000), 'cluster-failing', { afterMs: 1000 }],
  ['proxy in between', { code: 502, status: {} }, 'cluster-failing', 'yes'],
];

describe('when the API server does not say yes', () => {
  for (const [title, given, code, retry] of CASES) {
    test(`${title}: ${code}`, () => {
      const error = errorFor(given, ASKED);
      assert.equal(error.code, code);
      assert.deepEqual(error.retry, retry);
      if (retry === 'no')
        assert.ok(error.remedy !== undefined || error.code === 'cluster-failing', 'a person must act, so say how');
    });
  }

  test('a missing right names verb, resource, namespace and the rule to grant', () => {
    const message = 'x is forbidden: User "w" cannot create resource "services" in API group "" in the namespace "iam"';
    const error = errorFor(answer(403, message), { ...ASKED, what: 'service/iam' });
    assert.equal(error.message, 'service/iam: the account may not create services in namespace iam');
    assert.equal(
      error.remedy,
      'grant it in a Role in namespace iam: apiGroups: [""], resources: ["services"], verbs: ["get","list","watch","create","patch","delete"]',
    );
    assert.equal(error.got, message);
  });

  test('what is only looked at is not asked to be changed', () => {
    const message =
      'x is forbidden: User "w" cannot list resource "replicasets" in API group "apps" in the namespace "iam"';
    const { remedy } = errorFor(answer(403, message), ASKED);
    assert.match(remedy ?? '', /resources: \["replicasets"\], verbs: \["get","list","watch"\]/);
  });

  test('deleting pods is asked for only when it was tried', () => {
    const message = 'x is forbidden: User "w" cannot delete resource "pods" in API group "" in the namespace "iam"';
    const { remedy } = errorFor(answer(403, message), ASKED);
    assert.match(remedy ?? '', /resources: \["pods"\], verbs: \["get","list","watch","delete"\]/);
  });
});
