/**
 * Manifests state less than stands in a cluster: the API server fills in the rest (defaults as the API reference of Kubernetes 1.36 has
 * them). Where one side is manifests, what the other has in an empty place is no difference when it is just that.
 */
import { pointerOf } from '../domain/json-pointer.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { Difference } from '../manifests/differences.ts';

/** By the end of the way there; what a kind fills in at once stands there whole. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  // pods
  '/restartPolicy': ['Always'],
  '/terminationGracePeriodSeconds': [30],
  '/dnsPolicy': ['ClusterFirst'],
  '/schedulerName': ['default-scheduler'],
  '/securityContext': [{}],
  '/defaultMode': [420],
  '/fieldRef/apiVersion': ['v1'],
  '/metadata/creationTimestamp': [null],
  '/metadata': [{}],
  '/hostPath/type': [''],
  // containers; what is named by digest is not pulled each time
  '/imagePullPolicy': ['IfNotPresent'],
  '/terminationMessagePath': ['/dev/termination-log'],
  '/terminationMessagePolicy': ['File'],
  '/resources': [{}],
  '/protocol': ['TCP'],
  '/httpGet/scheme': ['HTTP'],
  '/timeoutSeconds': [1],
  '/periodSeconds': [10],
  '/successThreshold': [1],
  '/failureThreshold': [3],
  // workloads
  '/spec/replicas': [1],
  '/revisionHistoryLimit': [10],
  '/progressDeadlineSeconds': [600],
  '/podManagementPolicy': ['OrderedReady'],
  '/strategy': [{ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }],
  '/strategy/type': ['RollingUpdate'],
  '/strategy/rollingUpdate': [{ maxSurge: '25%', maxUnavailable: '25%' }],
  '/strategy/rollingUpdate/maxSurge': ['25%'],
  '/strategy/rollingUpdate/maxUnavailable': ['25%'],
  '/updateStrategy': [
    { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  ],
  '/updateStrategy/type': ['RollingUpdate'],
  '/updateStrategy/rollingUpdate': [{ partition: 0 }, { maxSurge: 0, maxUnavailable: 1 }],
  '/updateStrategy/rollingUpdate/maxSurge': [0],
  '/updateStrategy/rollingUpdate/maxUnavailable': [1],
  '/updateStrategy/rollingUpdate/partition': [0],
  '/persistentVolumeClaimRetentionPolicy': [{ whenDeleted: 'Retain', whenScaled: 'Retain' }],
  '/concurrencyPolicy': ['Allow'],
  '/spec/suspend': [false],
  '/successfulJobsHistoryLimit': [3],
  '/failedJobsHistoryLimit': [1],
  // services, volumes, secrets
  '/spec/type': ['ClusterIP'],
  '/sessionAffinity': ['None'],
  '/externalTrafficPolicy': ['Cluster'],
  '/allocateLoadBalancerNodePorts': [true],
  '/volumeMode': ['Filesystem'],
  '/type': ['Opaque'],
};
/** Filled in from the one beside it. */
const AS_ITS_SIBLING: Readonly<Record<string, string>> = { targetPort: 'port', serviceAccount: 'serviceAccountName' };

/** `object`: as it stands. `difference`: to what the manifests state. */
export function isFilledIn({ before, after }: Difference, object: ManifestObject): boolean {
  if (before === undefined || after !== undefined) return false;
  const key = String(before.at.at(-1));
  const sibling = AS_ITS_SIBLING[key];
  if (sibling !== undefined) return before.value === valueAt(object, [...before.at.slice(0, -1), sibling]);
  const [pointer, value] = [pointerOf(before.at), canonical(before.value)];
  return Object.entries(DEFAULTS).some(
    ([end, values]) => pointer.endsWith(end) && values.some((one) => canonical(one) === value),
  );
}

function valueAt(object: ManifestObject, path: Difference['path']): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], object);
}

/** Without the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

/** Of `kubernetes.io` quantities (API conventions, "resource quantities"). */
const UNITS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** `0.5` is kept as `500m`, `1024Mi` as `1Gi`: the same amount. */
export function isSameQuantity({ path, before, after }: Difference): boolean {
  if (!path.some((key) => key === 'limits' || key === 'requests' || key === 'sizeLimit')) return false;
  const [was, is] = [amountOf(before?.value), amountOf(after?.value)];
  return was !== undefined && is !== undefined && Math.abs(was - is) <= Math.abs(was) * 1e-12;
}

function amountOf(value: unknown): number | undefined {
  const [, number, unit = ''] = /^([+-]?\d+(?:\.\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(value)) ?? [];
  const size = UNITS[unit];
  return number === undefined || size === undefined ? undefined : Number(number) * size;
}
