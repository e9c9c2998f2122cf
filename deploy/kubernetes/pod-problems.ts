/** What is wrong with the pods of one workload. Pod Security refuses pods, and only warns of what makes them: here it is a no at once. */
import type { Problem, Thing } from './problems.ts';
import { nameOf } from './problems.ts';

const PINNED = /^[^@\s]+\/[^@\s]+@sha256:[0-9a-f]{64}$/;
const UNITS: Readonly<Record<string, number>> = { Ki: 1 / 1024, Mi: 1, Gi: 1024 };

export function podProblems(workload: Thing, things: readonly Thing[]): readonly Problem[] {
  const where = nameOf(workload);
  const { spec } = workload.spec.template;
  const containers: Thing[] = [...(spec.initContainers ?? []), ...spec.containers];
  const pod = spec.securityContext ?? {};
  const said = (bad: boolean, message: string, remedy: string): readonly Problem[] =>
    bad ? [{ where, message, remedy }] : [];
  return [
    ...said(pod.runAsNonRoot !== true, 'may run as root', 'runAsNonRoot: true'),
    ...said(
      pod.seccompProfile?.type !== 'RuntimeDefault',
      'every system call is open to it',
      'seccompProfile: { type: RuntimeDefault }',
    ),
    ...said(
      (spec.terminationGracePeriodSeconds ?? 30) < 20,
      'is killed before it has ended',
      'terminationGracePeriodSeconds: 20 or more',
    ),
    ...said(pod.runAsUser === 0, 'runs as root', 'runAsUser: any other number, or none'),
    ...['Network', 'PID', 'IPC'].flatMap((what) =>
      said(spec[`host${what}`] === true, `shares the node's ${what.toLowerCase()}`, `leave host${what} out`),
    ),
    ...said(
      (spec.volumes ?? []).some(({ hostPath }: Thing) => hostPath !== undefined),
      'reaches into the node',
      'another volume than hostPath',
    ),
    ...containers.flatMap((one) => ofContainer(one, where)),
    ...missingMaps(workload, containers, things).map((what) => ({
      where,
      message: `refers to ${what}, which is not there`,
      remedy: 'generate it in the overlay (README, "A zone more")',
    })),
  ];
}

function ofContainer(one: Thing, pod: string): readonly Problem[] {
  const where = `${pod}, container ${one.name}`;
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, ...own } = one.securityContext ?? {};
  const memory = mebibytes(one.resources?.limits?.memory);
  const heap = heapOf(one);
  const checks: readonly (readonly [boolean, string, string])[] = [
    [
      !PINNED.test(one.image ?? ''),
      `image ${one.image ?? '(none)'} is not registry/repository@sha256:…`,
      'name it by digest in image/',
    ],
    // what a container says of itself counts before what its pod says
    [own.runAsNonRoot === false || own.runAsUser === 0, 'may run as root', 'leave that to its pod'],
    [
      (own.seccompProfile?.type ?? 'RuntimeDefault') !== 'RuntimeDefault',
      'every system call is open to it',
      'leave that to its pod',
    ],
    [own.privileged === true, 'is privileged', 'leave privileged out'],
    [allowPrivilegeEscalation !== false, 'may gain rights', 'allowPrivilegeEscalation: false'],
    [readOnlyRootFilesystem !== true, 'may write into its image', 'readOnlyRootFilesystem: true'],
    [
      !(capabilities?.drop ?? []).includes('ALL') || capabilities?.add !== undefined,
      'has capabilities',
      'capabilities: { drop: [ALL] }',
    ],
    [one.resources?.requests?.memory === undefined, 'asks for no memory', 'resources.requests.memory'],
    [memory === undefined, 'has no limit of memory', 'resources.limits.memory, in Mi or Gi'],
    [heap === undefined, "Node's heap has no limit", 'NODE_OPTIONS: --max-old-space-size=MB'],
    [
      memory !== undefined && heap !== undefined && heap > memory * 0.8,
      `a heap of ${heap} MB leaves too little of ${memory} MB`,
      'about three quarters of the limit',
    ],
    [
      one.livenessProbe === undefined || one.readinessProbe === undefined,
      'nobody asks whether it works',
      'livenessProbe, readinessProbe',
    ],
  ];
  const wrong = checks.filter(([bad]) => bad).map(([, message, remedy]) => ({ where, message, remedy }));
  const secrets = (one.env ?? []).filter(
    ({ name, value }: Thing) => value !== undefined && /KEY|TOKEN|PASSWORD|SECRET/.test(name),
  );
  return [
    ...wrong,
    ...secrets.map(({ name }: Thing) => ({
      where,
      message: `${name} stands in the manifests`,
      remedy: 'valueFrom: { secretKeyRef: … }',
    })),
  ];
}

function heapOf({ env = [] }: Thing): number | undefined {
  const options: string = env.find(({ name }: Thing) => name === 'NODE_OPTIONS')?.value ?? '';
  const [, size] = /--max-old-space-size=(\d+)/.exec(options) ?? [];
  return size === undefined ? undefined : Number(size);
}

function mebibytes(text: unknown): number | undefined {
  const [, size, unit = ''] = /^(\d+)(Ki|Mi|Gi)$/.exec(typeof text === 'string' ? text : '') ?? [];
  return size === undefined ? undefined : Number(size) * (UNITS[unit] ?? Number.NaN);
}

function missingMaps(workload: Thing, containers: readonly Thing[], things: readonly Thing[]): readonly string[] {
  const maps = things.filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === workload.metadata.namespace,
  );
  const has = (name: string, key?: string): boolean =>
    maps.some(({ metadata, data }) => metadata.name === name && (key === undefined || data?.[key] !== undefined));
  const keys = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }: Thing) =>
      valueFrom?.configMapKeyRef === undefined ? [] : [valueFrom.configMapKeyRef],
    ),
  );
  const volumes: Thing[] = workload.spec.template.spec.volumes ?? [];
  return [
    ...keys.filter(({ name, key }) => !has(name, key)).map(({ name, key }) => `"${key}" of ConfigMap "${name}"`),
    ...volumes
      .filter(({ configMap }) => configMap && !has(configMap.name))
      .map(({ configMap }) => `ConfigMap "${configMap.name}"`),
  ];
}
