/** What is wrong with rendered manifests of this folder, all of it at once: pure, so that it is known before a cluster is asked. */
import { parse } from 'yaml';
import { RELEASE_RULES } from '../../local/control-plane/access.ts';
import { podProblems } from './pod-problems.ts';

export interface Problem {
  readonly where: string;
  readonly message: string;
  readonly remedy: string;
}

/** As much of a Kubernetes object as is read here. */
export type Thing = any;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CLIENT_ID = 'azure.workload.identity/client-id';
const ENFORCE = 'pod-security.kubernetes.io/enforce';
/** A block of addresses with a shorter prefix is as good as all: two halves are everything. */
const SHORTEST_PREFIX = 8;

export function problemsOf(things: readonly Thing[]): readonly Problem[] {
  if (things.length === 0) return [{ where: 'input', message: 'nothing was rendered', remedy: 'name an overlay' }];
  const strange = things.filter((one) => typeof one?.kind !== 'string' || typeof one.apiVersion !== 'string');
  if (strange.length > 0) {
    const [first] = strange.map((one) => JSON.stringify(one).slice(0, 60));
    const remedy = 'give it what "kubectl kustomize" prints';
    return [{ where: 'input', message: `${first} is no object of Kubernetes`, remedy }];
  }
  const found = things.flatMap((one) => [...ofSecret(one), ...ofRights(one), ...ofEgress(one)]);
  const workloads = things.map(makerOfPods).filter(({ spec }) => spec?.template?.spec?.containers !== undefined);
  return [
    ...found,
    ...workloads.flatMap((one) => [...podProblems(one, things), ...ofNamespace(one, things)]),
    ...ofIdentities(workloads, things),
    ...(workloads.length === 0 ? [] : ofZones(workloads, things)),
  ];
}

/** Whatever makes pods, as those do that have a template: a job by the clock has one further in, a pod is its own. */
function makerOfPods(one: Thing): Thing {
  if (one.kind === 'CronJob') return { ...one, spec: one.spec?.jobTemplate?.spec };
  if (one.kind === 'Pod') return { ...one, spec: { template: { metadata: one.metadata, spec: one.spec } } };
  return one;
}

export function nameOf({ kind, metadata }: Thing): string {
  return `${kind}/${metadata?.name} in ${metadata?.namespace ?? 'no namespace'}`;
}

function ofSecret(one: Thing): readonly Problem[] {
  if (one.kind !== 'Secret' || (one.data ?? one.stringData) === undefined) return [];
  return [
    {
      where: nameOf(one),
      message: 'a secret stands in the manifests',
      remedy: 'refer to one that the secret store of the cluster fills (README, "Secrets")',
    },
  ];
}

function ofRights(one: Thing): readonly Problem[] {
  const where = nameOf(one);
  if (one.kind === 'ClusterRole' || one.kind === 'ClusterRoleBinding')
    return [{ where, message: 'rights in every namespace', remedy: 'use access/, in each namespace of a service' }];
  if (one.kind === 'RoleBinding' && (one.subjects ?? []).length === 0)
    return [
      { where, message: 'nobody is named', remedy: "patch /subjects with the identity of the environment's zone" },
    ];
  if (one.kind !== 'Role') return [];
  return (one.rules as Thing[]).flatMap((rule) => {
    const wider = [...widerThanTable(rule)];
    if (wider.length === 0) return [];
    const remedy = 'leave out what is not in access/access.yaml; a kind more of your manifests belongs there';
    return [{ where, message: `rights that no release takes: ${wider.join(', ')}`, remedy }];
  });
}

function* widerThanTable({ apiGroups = [], resources = [], verbs = [] }: Thing): Iterable<string> {
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const known = RELEASE_RULES.some(
          (rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
        );
        if (!known) yield `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
      }
}

function ofEgress(one: Thing): readonly Problem[] {
  if (one.kind !== 'NetworkPolicy') return [];
  return (one.spec?.egress ?? []).flatMap((rule: Thing, at: number) => {
    const where = `${nameOf(one)}, egress ${at + 1}`;
    const to: Thing[] = rule.to ?? [];
    const open = to.length === 0 || to.some(({ ipBlock }) => Number(ipBlock?.cidr?.split('/')[1]) < SHORTEST_PREFIX);
    return [
      ...(open ? [{ where, message: 'opens the way to every address', remedy: 'name the addresses it is for' }] : []),
      ...(rule.ports === undefined ? [{ where, message: 'opens every port', remedy: 'name the ports' }] : []),
    ];
  });
}

function ofNamespace(workload: Thing, things: readonly Thing[]): readonly Problem[] {
  const where = nameOf(workload);
  const { namespace } = workload.metadata;
  const here = things.filter(({ metadata }) => metadata?.namespace === namespace);
  const own = things.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
  const policies = here.filter(({ kind }) => kind === 'NetworkPolicy');
  const closed = policies.some(
    ({ spec }) =>
      Object.keys(spec.podSelector ?? {}).length === 0 &&
      ['Ingress', 'Egress'].every((one) => spec.policyTypes?.includes(one)) &&
      [spec.ingress, spec.egress].every((rules) => (rules ?? []).length === 0),
  );
  const address = configOf(workload, 'TEMPORAL_ADDRESS', things);
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  const rules: Thing[] = policies.flatMap(({ spec }) => spec.egress ?? []);
  const reachable = rules.some(({ ports }) => (ports ?? []).some((one: Thing) => one.port === port));
  return [
    ...(own?.metadata.labels?.[ENFORCE] === 'restricted'
      ? []
      : [
          {
            where,
            message: `namespace ${namespace} does not enforce "restricted"`,
            remedy: 'keep base/ in the overlay',
          },
        ]),
    ...(closed ? [] : [{ where, message: 'its network is open', remedy: 'keep "default-deny" of base/' }]),
    ...(Number.isNaN(port)
      ? [
          {
            where,
            message: `Temporal's address is ${address ?? 'missing'}`,
            remedy: 'ConfigMap "temporal": address=host:port',
          },
        ]
      : reachable
        ? []
        : [{ where, message: `no way out to Temporal on port ${port}`, remedy: 'add it to egress.yaml' }]),
  ];
}

/** The value that a container's variable takes from a ConfigMap of the same namespace. */
export function configOf(workload: Thing, variable: string, things: readonly Thing[]): string | undefined {
  const entries: Thing[] = workload.spec.template.spec.containers.flatMap(({ env = [] }: Thing) => env);
  const wanted = entries.find(({ name }) => name === variable)?.valueFrom?.configMapKeyRef;
  const map = things.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata.name === wanted?.name && metadata.namespace === workload.metadata.namespace,
  );
  return map?.data?.[wanted?.key];
}

/** Each zone has one identity of its own: with a shared one, it is one zone. */
function ofIdentities(workloads: readonly Thing[], things: readonly Thing[]): readonly Problem[] {
  const users = new Map<string, string>();
  return workloads.flatMap((workload) => {
    const where = nameOf(workload);
    if (configOf(workload, 'SLUICE_ENVIRONMENTS', things) === undefined) return [];
    const { spec, metadata } = workload.spec.template;
    const account = things.find(
      (one) =>
        one.kind === 'ServiceAccount' &&
        one.metadata.name === spec.serviceAccountName &&
        one.metadata.namespace === workload.metadata.namespace,
    );
    const id: string | undefined = account?.metadata.annotations?.[CLIENT_ID];
    if (metadata?.labels?.['azure.workload.identity/use'] !== 'true')
      return [{ where, message: 'its pods get no identity', remedy: 'label them azure.workload.identity/use: "true"' }];
    if (id === undefined || !UUID.test(id) || /^[0-]+$/.test(id))
      return [
        {
          where,
          message: `${CLIENT_ID} is ${id ?? 'missing'}`,
          remedy: "annotate its ServiceAccount with the zone's client ID",
        },
      ];
    const other = users.get(id.toLowerCase());
    users.set(id.toLowerCase(), where);
    if (other === undefined) return [];
    return [{ where, message: `has the identity of ${other}`, remedy: 'give each zone an identity of its own' }];
  });
}

function ofZones(workloads: readonly Thing[], things: readonly Thing[]): readonly Problem[] {
  const found: Problem[] = [];
  const served = new Map<string, string>();
  const known = new Set<string>();
  for (const { metadata, data } of things.filter((one) => one.kind === 'ConfigMap' && one.data?.['sluice.yaml'])) {
    try {
      Object.keys(parse(data['sluice.yaml']).environments).forEach((name) => known.add(name));
    } catch (error) {
      const message = `sluice.yaml has no environments that can be read (${(error as Error).message.split('\n')[0]})`;
      found.push({
        where: `ConfigMap/${metadata.name} in ${metadata.namespace}`,
        message,
        remedy: 'try "sluice doctor" on it',
      });
    }
  }
  for (const workload of workloads) {
    const where = nameOf(workload);
    const asked = workload.spec.template.spec.containers.some(({ args = [] }: Thing) =>
      args.includes('--environments'),
    );
    if (!asked) continue;
    const names = (configOf(workload, 'SLUICE_ENVIRONMENTS', things) ?? '').split(',').filter((name) => name !== '');
    if (names.length === 0)
      found.push({ where, message: 'serves no environment', remedy: 'ConfigMap "zone": environments=NAME,NAME' });
    for (const name of names) {
      const other = served.get(name);
      if (other !== undefined)
        found.push({ where, message: `serves ${name}, as ${other} does`, remedy: 'one zone for each environment' });
      if (known.size > 0 && !known.has(name))
        found.push({
          where,
          message: `serves ${name}, which sluice.yaml does not have`,
          remedy: `it has ${[...known].join(', ')}`,
        });
      served.set(name, where);
    }
  }
  const left = [...known].filter((name) => !served.has(name));
  if (left.length > 0)
    found.push({
      where: 'zones',
      message: `nobody serves ${left.join(', ')}`,
      remedy: 'add a folder to zones/ and name it in resources',
    });
  const engines = workloads.filter(({ spec }) =>
    spec.template.spec.containers.some(({ args = [] }: Thing) => args.includes('--engine')),
  );
  if (engines.length === 0)
    found.push({ where: 'engine', message: 'nobody runs the workflows', remedy: 'name engine in resources' });
  return found;
}
