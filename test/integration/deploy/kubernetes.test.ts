/** deploy/kubernetes on a real API server: what kubectl renders is taken without a warning, and gives nobody more than it says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { RELEASE_RULES } from '../../../local/control-plane/access.ts';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { type KubeApi, kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { until } from '../../../local/tools/until.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { binary, check, EXAMPLE, kubectl, skip } from './support/kubectl.ts';

const ZONES = ['sluice-engine', 'sluice-nonproduction', 'sluice-production'];
const PRODUCTION = '55555555-5555-4555-8555-555555555555';

describe('what runs Sluice in a cluster', { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
  let plane: ControlPlane;
  let admin: KubeApi;
  let rendered: string;
  before(async () => {
    plane = await startControlPlane({ binary: binary ?? '', dir });
    admin = kubeApi(readKubeconfig(plane.adminKubeconfig));
    rendered = await render(EXAMPLE);
  });
  after(async () => {
    admin?.close();
    await plane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function render(folder: string): Promise<string> {
    const { code, out, err } = await kubectl(['kustomize', folder]);
    assert.equal(code, 0, err);
    return out;
  }
  const apply = (manifests: string, ...more: readonly string[]) =>
    kubectl(
      ['--kubeconfig', plane.adminKubeconfig, 'apply', '--server-side', '--validate=strict', '-f', '-', ...more],
      manifests,
      dir,
    );

  test('the server takes all of it without a warning, in a dry run once the namespaces are there and for real; twice is once', async () => {
    const things = parseAllDocuments(rendered).map((one) => one.toJS());
    const namespaces = things.filter(({ kind }) => kind === 'Namespace');
    assert.equal((await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: namespaces }))).err, '');
    for (const more of [['--dry-run=server'], [], []]) {
      const { code, out, err } = await apply(rendered, ...more);
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      assert.equal(out.trim().split('\n').length, things.length);
    }
  });

  test('Pod Security "restricted" lets each pod in: the controllers make them, and the server would not otherwise', async () => {
    for (const namespace of ZONES) {
      const pods = await until(
        async () => {
          const path = `/api/v1/namespaces/${namespace}/pods`;
          const { items } = await admin.get<{ items: readonly { metadata: { name: string } }[] }>(path);
          return items.length === 2 && items;
        },
        { what: `two workers in ${namespace}`, timeoutMs: 60_000 },
      );
      assert.deepEqual(pods && pods.map(({ metadata }) => metadata.name).toSorted(), ['worker-0', 'worker-1']);
    }
    const root = { metadata: { name: 'x' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    await assert.rejects(
      admin.create('/api/v1/namespaces/sluice-production/pods', root),
      /violates PodSecurity "restricted/,
    );
  });

  test("a zone's identity may do in its namespaces what a release takes, and nothing beside and elsewhere", async () => {
    for (const name of ['iam', 'other']) await admin.create('/api/v1/namespaces', { metadata: { name } });
    const { code, err } = await apply(await render(join(EXAMPLE, 'access/production')));
    assert.deepEqual({ code, err }, { code: 0, err: '' });
    const may = async (namespace: string, verb: string, group: string, resource: string): Promise<boolean> => {
      const [name = '', subresource] = resource.split('/');
      const resourceAttributes = {
        namespace,
        verb,
        group,
        resource: name,
        ...(subresource === undefined ? {} : { subresource }),
      };
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const answer = await admin.create<{ status: { allowed: boolean } }>(path, {
        spec: { user: PRODUCTION, resourceAttributes },
      });
      return answer.status.allowed;
    };
    await until(() => may('iam', 'patch', '', 'configmaps'), { what: 'the rights are in force', timeoutMs: 30_000 });
    for (const { apiGroups, resources, verbs } of RELEASE_RULES)
      for (const group of apiGroups)
        for (const resource of resources)
          for (const verb of verbs) {
            assert.equal(await may('iam', verb, group, resource), true, `${verb} ${resource}`);
            assert.equal(await may('other', verb, group, resource), false, `${verb} ${resource} elsewhere`);
          }
    for (const [verb, group, resource] of [
      ['get', '', 'secrets'],
      ['create', '', 'pods'],
      ['create', '', 'pods/exec'],
      ['create', 'rbac.authorization.k8s.io', 'rolebindings'],
      ['patch', 'rbac.authorization.k8s.io', 'roles'],
      ['update', 'apps', 'deployments'],
      ['deletecollection', 'apps', 'deployments'],
    ] as const)
      assert.equal(await may('iam', verb, group, resource), false, `${verb} ${resource}`);
  });

  test('a field that the server does not know is refused, not dropped', async () => {
    const { code, err } = await apply(rendered.replace('podManagementPolicy:', 'podMangementPolicy:'));
    assert.equal(code, 1);
    assert.match(err, /podMangementPolicy/);
  });
});

describe('what is wrong with an overlay', { skip }, () => {
  test('the example has nothing wrong, and its sluice.yaml is read by Sluice itself', async () => {
    for (const folder of ['.', 'access/dev', 'access/staging', 'access/production']) {
      const { out } = await kubectl(['kustomize', join(EXAMPLE, folder)]);
      const { code, err } = await check(out);
      assert.deepEqual({ code, err }, { code: 0, err: '' }, folder);
    }
    const { rulebook } = await loadConfig(join(EXAMPLE, 'config/sluice.yaml'));
    assert.deepEqual(Object.keys(rulebook.environments), ['dev', 'staging', 'production']);
  });

  const CHANGES: readonly (readonly [string, RegExp | string, string, RegExp])[] = [
    ['an image by tag', /sluice@sha256:\w+/, 'sluice:1.0.0', /image onestreamprod\.azurecr\.io\/sluice:1\.0\.0 is not/],
    [
      'an environment that nobody knows',
      'environments: production',
      'environments: prod',
      /serves prod, which sluice.yaml does not have\n.*dev, staging, production[^]*nobody serves production/,
    ],
    [
      'an environment in two zones',
      'environments: production',
      'environments: dev',
      /serves dev, as StatefulSet\/worker in sluice-nonproduction does/,
    ],
    [
      'one identity for two zones',
      '44444444-4444-4444-8444-444444444444',
      '33333333-3333-4333-8333-333333333333',
      /has the identity of StatefulSet\/worker in sluice-nonproduction/,
    ],
    ['an identity that is none', '44444444-4444-4444-8444-444444444444', 'TODO-id', /client-id is TODO-id/],
    [
      'a way out to everywhere',
      'cidr: 10.20.3.0/28',
      'cidr: 0.0.0.0/0',
      /egress in sluice-production, egress 2: opens the way to every address/,
    ],
    ['no way to Temporal', /port: 7233/g, 'port: 7234', /no way out to Temporal on port 7233/],
    [
      'a heap larger than the memory',
      '--max-old-space-size=768',
      '--max-old-space-size=1024',
      /a heap of 1024 MB leaves too little of 1024 MB/,
    ],
    [
      'a secret that stands there',
      'kind: PriorityClass',
      'kind: Secret\ndata: { a: YQ== }',
      /a secret stands in the manifests/,
    ],
    ['a namespace that enforces nothing', /enforce: restricted/g, 'enforce: baseline', /does not enforce "restricted"/],
    [
      'a root file system that can be written',
      'readOnlyRootFilesystem: true',
      'readOnlyRootFilesystem: false',
      /may write into its image/,
    ],
    [
      'a map that is not there',
      /name: zone-gbt\w+\n  namespace/,
      'name: gone\n  namespace',
      /refers to "environments" of ConfigMap "zone-\w+", which is not there/,
    ],
    [
      'one identity for two zones, written in another case',
      /33333333-3333-4333-8333-333333333333([^]*)44444444-4444-4444-8444-444444444444/,
      'abababab-3333-4333-8333-333333333333$1ABABABAB-3333-4333-8333-333333333333',
      /has the identity of StatefulSet\/worker in sluice-\w+/,
    ],
    ['half of all addresses', 'cidr: 10.20.3.0/28', 'cidr: 128.0.0.0/1', /egress 2: opens the way to every address/],
    [
      'a container that takes back what its pod says of root',
      /( +)allowPrivilegeEscalation: false/,
      '$1allowPrivilegeEscalation: false\n$1runAsNonRoot: false',
      /container \w+: may run as root/,
    ],
    [
      'a container that is root by number',
      /( +)allowPrivilegeEscalation: false/,
      '$1allowPrivilegeEscalation: false\n$1runAsUser: 0',
      /container \w+: may run as root/,
    ],
    [
      'a container that opens every system call again',
      /( +)allowPrivilegeEscalation: false/,
      '$1allowPrivilegeEscalation: false\n$1seccompProfile: { type: Unconfined }',
      /container \w+: every system call is open to it/,
    ],
    [
      'a privileged container',
      /( +)allowPrivilegeEscalation: false/,
      '$1privileged: true',
      /container \w+: is privileged/,
    ],
    [
      'the network of the node',
      /( +)securityContext:\n( +)(fsGroup|runAs|seccomp)/,
      '$1hostNetwork: true\n$&',
      /shares the node's network/,
    ],
    ['a folder of the node', /emptyDir:\n( +)sizeLimit: \w+/, 'hostPath:\n$1path: /', /reaches into the node/],
  ];
  test('each is found by itself, with what to do; and all of them at once', async () => {
    const { out } = await kubectl(['kustomize', EXAMPLE]);
    for (const [what, from, to, told] of CHANGES) {
      const changed = out.replace(from, to);
      assert.notEqual(changed, out, what);
      const { code, err } = await check(changed);
      assert.equal(code, 1, what);
      assert.match(err, told, what);
      assert.match(err, /\n {2}→ /);
    }
    const three = CHANGES.filter(([what]) => /by tag|to everywhere|no way to/.test(what));
    const { err } = await check(three.reduce((text, [, from, to]) => text.replace(from, to), out));
    for (const [what, , , told] of three) assert.match(err, told, what);
  });

  test('rights wider than the table, for nobody, or in every namespace are found', async () => {
    const { out } = await kubectl(['kustomize', join(EXAMPLE, 'access/production')]);
    assert.match(
      (await check(out.replace('- configmaps', '- secrets'))).err,
      /rights that no release takes: get secrets/,
    );
    assert.match((await check(out.replace('kind: Role\n', 'kind: ClusterRole\n'))).err, /rights in every namespace/);
    assert.match((await check(out.replace(/subjects:[^]*$/, 'subjects: []\n'))).err, /nobody is named/);
    assert.match((await check('a: [')).err, /^input: /);
    assert.match((await check('')).err, /nothing was rendered/);
  });

  test('what makes pods in another way is looked into as well: a pod by itself, a job by the clock', async () => {
    const spec = { containers: [{ name: 'extra', image: 'busybox:latest' }] };
    const metadata = { name: 'extra', namespace: 'sluice-production' };
    const job = { spec: { template: { metadata: {}, spec } } };
    for (const one of [
      { apiVersion: 'v1', kind: 'Pod', metadata, spec },
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { schedule: '0 0 * * *', jobTemplate: job } },
    ]) {
      const { code, err } = await check(JSON.stringify(one));
      assert.equal(code, 1, one.kind);
      assert.match(err, /container extra: image busybox:latest is not registry/, err);
    }
  });

  test('what is no object of Kubernetes is no overlay with nothing wrong', async () => {
    for (const text of ['hello', '- kind: Pod', 'error: accumulating resources', 'kind: Pod']) {
      const { code, err } = await check(text);
      assert.equal(code, 1, text);
      assert.match(err, /^input: .*no object of Kubernetes/, text);
    }
  });

  test('a network that is closed by empty lists, or by a policy that names no pods, is closed', async () => {
    const { out } = await kubectl(['kustomize', EXAMPLE]);
    const written = out.replaceAll(
      /( +)podSelector: \{\}\n( +policyTypes:\n +- Ingress\n +- Egress\n)/g,
      '$1ingress: []\n$1egress: []\n$2',
    );
    assert.notEqual(written, out);
    assert.deepEqual(await check(written), { code: 0, out: (await check(out)).out, err: '' });
  });
});
