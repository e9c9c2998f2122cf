/** Accounts with the least rights: one namespace, one ServiceAccount, one Role, one binding, one token. */
import { KubeApiError, type KubeApi } from './kube-api.ts';

/** A PolicyRule of `rbac.authorization.k8s.io/v1`. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export interface Account {
  /** Created when it is missing. The account can do nothing outside it. */
  readonly namespace: string;
  readonly name: string;
  /** Defaults to {@link RELEASE_RULES}. */
  readonly rules?: readonly Rule[];
}

const READ = ['get', 'list', 'watch'] as const;
/** `create` too: server-side apply of an object that is not there is checked for it as well as for `patch`. */
const APPLY = [...READ, 'create', 'patch', 'delete'] as const;

/**
 * What releasing into one namespace takes. Left out on purpose: secrets, roles and bindings (a release must not hand out
 * rights), pods' exec and port-forward, and deleting pods.
 */
export const RELEASE_RULES: readonly Rule[] = [
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: APPLY },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: APPLY },
  { apiGroups: [''], resources: ['services', 'configmaps', 'serviceaccounts', 'persistentvolumeclaims'], verbs: APPLY },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs: APPLY },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: APPLY },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: APPLY },
  { apiGroups: ['apps'], resources: ['replicasets', 'controllerrevisions'], verbs: READ },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: READ },
  { apiGroups: [''], resources: ['pods'], verbs: READ },
  { apiGroups: [''], resources: ['pods/log', 'services/proxy', 'namespaces'], verbs: ['get'] },
];

const RBAC = 'rbac.authorization.k8s.io';
const TOKEN_SECONDS = 365 * 24 * 3600;

/** Creates or updates the account and its rights; doing it twice is doing it once. */
export async function grantAccess(api: KubeApi, account: Account): Promise<void> {
  const { namespace, name } = account;
  const metadata = { name, namespace };
  const rules = account.rules ?? RELEASE_RULES;
  await ensureNamespace(api, namespace);
  await api.apply(accountPath(account), { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await api.apply(`/apis/${RBAC}/v1/namespaces/${namespace}/roles/${name}`, {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata,
    rules,
  });
  await api.apply(`/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings/${name}`, {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
}

/** What simulated nodes may do, in every namespace: read what they run, and say how it runs. */
const NODE_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['nodes', 'nodes/status'], verbs: [...READ, 'create', 'patch'] },
  { apiGroups: [''], resources: ['pods', 'services'], verbs: [...READ] },
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
  { apiGroups: [''], resources: ['pods/status', 'services/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

export const NODE_ACCOUNT = { namespace: 'sluice-system', name: 'nodes' } as const;

/** The nodes' account: no admin, but not bound to one namespace either. */
export async function grantNodeAccess(api: KubeApi): Promise<void> {
  const { namespace, name } = NODE_ACCOUNT;
  await ensureNamespace(api, namespace);
  await api.apply(accountPath(NODE_ACCOUNT), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace },
  });
  const role = `sluice:${name}`;
  await api.apply(`/apis/${RBAC}/v1/clusterroles/${role}`, {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: role },
    rules: NODE_RULES,
  });
  await api.apply(`/apis/${RBAC}/v1/clusterrolebindings/${role}`, {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
}

/** A token for the account by the TokenRequest API; it stays valid across restarts on the same data folder. */
export async function requestToken(api: KubeApi, account: Pick<Account, 'namespace' | 'name'>): Promise<string> {
  const answer = await api.create<{ status: { token: string } }>(`${accountPath(account)}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS },
  });
  return answer.status.token;
}

/** Whether the token still speaks for the account (it does not when the data folder was made anew). */
export async function isTokenOf(api: KubeApi, account: Pick<Account, 'namespace' | 'name'>): Promise<boolean> {
  try {
    const answer = await api.create<{ status: { userInfo: { username: string } } }>(
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    );
    return answer.status.userInfo.username === `system:serviceaccount:${account.namespace}:${account.name}`;
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 401) return false;
    throw error;
  }
}

/** Applying a namespace would take over labels that others set on it, so it is only created. */
async function ensureNamespace(api: KubeApi, name: string): Promise<void> {
  try {
    await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.reason !== 'AlreadyExists') throw error;
  }
}

function accountPath(account: Pick<Account, 'namespace' | 'name'>): string {
  return `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}`;
}
