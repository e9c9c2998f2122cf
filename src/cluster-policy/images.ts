/**
 * What Sluice asks of images, asked by the cluster itself of everybody: a ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1,
 * Kubernetes 1.30 and newer) with its binding. It looks at pods and at everything that pods are made from, in the namespaces of the
 * services, and only at images that were not in the object before: whoever scales or deletes what ran before the policy is not kept from it.
 */
import { DIGEST_EXPRESSION } from '../domain/digest.ts';
import { imageExpression } from '../domain/manifest-rules.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { PolicyGround } from './ground.ts';

const PINNED = `^[^@]+@${DIGEST_EXPRESSION}$`;

export function imagePolicy({
  environment,
  registryHost,
  images,
  namespaces,
}: PolicyGround): readonly ManifestObject[] {
  const name = `sluice-${environment}-images`;
  const labels = { 'app.kubernetes.io/managed-by': 'sluice' };
  const wanted = quoted(imageExpression([`${registryHost}/*`, ...images]));
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, labels },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { matchPolicy: 'Equivalent', resourceRules: RESOURCE_RULES },
      variables: [
        { name: 'pod', expression: podOf('object') },
        { name: 'podBefore', expression: `oldObject == null ? {} : ${podOf('oldObject')}` },
        { name: 'before', expression: imagesOf('variables.podBefore') },
        { name: 'fresh', expression: `(${imagesOf('variables.pod')}).filter(i, !(i in variables.before))` },
        { name: 'pinned', expression: `variables.fresh.filter(i, i.matches(${quoted(PINNED)}))` },
      ],
      validations: [
        {
          expression: 'variables.fresh.all(i, i in variables.pinned)',
          message: 'every image is pinned by digest',
          messageExpression: told('not pinned by digest', '!(i in variables.pinned)'),
          reason: 'Invalid',
        },
        {
          expression: `variables.pinned.all(i, i.matches(${wanted}))`,
          message: `every image is from ${registryHost}, or on the list of ${environment}`,
          messageExpression: told(
            `neither from ${registryHost} nor on the list of ${environment}`,
            `i in variables.pinned && !i.matches(${wanted})`,
          ),
          reason: 'Invalid',
        },
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name, labels },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }],
        },
      },
    },
  };
  return [policy, binding];
}

const resources = (group: string, ...names: readonly string[]): object => ({
  apiGroups: [group],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: names,
  scope: 'Namespaced',
});

/** `pods/ephemeralcontainers`: how "kubectl debug" adds one. */
const RESOURCE_RULES: readonly object[] = [
  resources('', 'pods', 'pods/ephemeralcontainers', 'podtemplates', 'replicationcontrollers'),
  resources('apps', 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
  resources('batch', 'jobs', 'cronjobs'),
];

/** The pod's spec in an object of any of these kinds; `dyn`, because no one type has all of these fields. */
function podOf(object: string): string {
  const one = `dyn(${object})`;
  return [
    `${one}.kind == "Pod" ? ${one}.spec`,
    `${one}.kind == "CronJob" ? ${one}.spec.jobTemplate.spec.template.spec`,
    `${one}.kind == "PodTemplate" ? ${one}.template.spec`,
    `${one}.spec.template.spec`,
  ].join(' : ');
}

/** All images of a pod's spec; a container without one counts as an empty text, which nothing fits. */
function imagesOf(pod: string): string {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].map(
    (list) => `(has(${pod}.${list}) ? ${pod}.${list}.map(c, has(c.image) ? c.image : "") : [])`,
  );
  const volumes = `(has(${pod}.volumes) ? ${pod}.volumes.filter(v, has(v.image)).map(v, has(v.image.reference) ? v.image.reference : "") : [])`;
  return [...containers, volumes].join(' + ');
}

function told(what: string, which: string): string {
  return `${quoted(`${what}: `)} + variables.fresh.filter(i, ${which}).map(i, i == "" ? "(none)" : i).join(", ")`;
}

/** A CEL string; what stands in it holds neither quotes nor backslashes. */
function quoted(text: string): string {
  return `"${text}"`;
}
