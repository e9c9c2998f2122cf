/** deploy/policy on a real API server: what it lets in, what it does not, and the way past it that ends by itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import { type KubeApi, kubeApi, MERGE, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { until } from '../../../local/tools/until.ts';
import { runSluice } from './support/sluice.ts';
import { binary, EXAMPLE, kubectl, type Said, skip } from './support/kubectl.ts';

const POLICY = fileURLToPath(new URL('../../../deploy/policy', import.meta.url));
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const GOOD = `onestreamprod.azurecr.io/iam@${DIGEST}`;
const TAGGED = 'onestreamprod.azurecr.io/iam:1.0.0';
const FOREIGN = `docker.io/library/nginx@${DIGEST}`;
const PODS = '/api/v1/namespaces/iam/pods';
const NAMESPACE = '/api/v1/namespaces/iam';
const HOUR_MS = 3_600_000;

const pod = (image: string, name = 'x') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'iam' },
  spec: { containers: [{ name: 'a', image }] },
});
const deployment = (image: string) => ({
  metadata: { name: 'x' },
  spec: {
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: pod(image).spec },
  },
});

test('the rendered example is what "sluice policy render" prints', async () => {
  const { out, err } = await runSluice([
    '--config',
    join(EXAMPLE, 'config/sluice.yaml'),
    'policy',
    'render',
    '--environment',
    'production',
  ]);
  assert.equal(out, readFileSync(join(POLICY, 'rendered/production.yaml'), 'utf8'), err);
});

describe('the policies of a cluster', { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-deploy-policy-'));
  let plane: ControlPlane;
  let admin: KubeApi;
  before(async () => {
    plane = await startControlPlane({ binary: binary ?? '', dir });
    admin = kubeApi(readKubeconfig(plane.adminKubeconfig));
    await admin.create('/api/v1/namespaces', { metadata: { name: 'iam' } });
    await until(
      () =>
        admin.get(`${NAMESPACE}/serviceaccounts/default`).then(
          () => true,
          () => false,
        ),
      { what: 'the account of pods', timeoutMs: 30_000 },
    );
  });
  after(async () => {
    admin?.close();
    await plane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const as = (input: string, ...args: readonly string[]): Promise<Said> =>
    kubectl(['--kubeconfig', plane.adminKubeconfig, ...args], input, dir);

  /** Without the kinds of the signature controller, which is not there: its schemas are tested in ../cluster-policy. */
  async function deploy(overlay: string): Promise<void> {
    const { out, err } = await kubectl(['kustomize', join(POLICY, overlay)]);
    assert.equal(err, '');
    const objects = parseAllDocuments(out).map((one) => one.toJS());
    const here = objects.filter(({ apiVersion }) => !String(apiVersion).startsWith('policy.sigstore.dev'));
    assert.ok(here.length < objects.length, 'signatures are asked for as well');
    const text = here.map((one) => stringify(one, { aliasDuplicateObjects: false })).join('---\n');
    const said = await as(text, 'apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-');
    assert.deepEqual({ code: said.code, err: said.err }, { code: 0, err: '' });
  }
  const tried = (path: string, body: object) => admin.create(`${path}?dryRun=All`, body);
  const annotate = (until: string | null, reason: string | null, ...user: readonly string[]) => {
    const annotations = { 'sluice.dev/break-glass-until': until, 'sluice.dev/break-glass-reason': reason };
    const patch = JSON.stringify({ metadata: { annotations } });
    return as('', 'patch', 'namespace', 'iam', '--type=merge', '-p', patch, ...user);
  };
  const GROUP = ['--as=someone', '--as-group=sluice-break-glass', '--as-group=system:masters'] as const;
  const OTHERS = ['--as=someone', '--as-group=system:masters'] as const;
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, 'Z');

  test('first it warns and refuses nothing', async () => {
    await deploy('cluster-audit');
    await until(
      async () => {
        const { code, err } = await as(JSON.stringify(pod(TAGGED)), 'create', '--dry-run=server', '-f', '-');
        assert.equal(code, 0, err);
        return /Warning: .*not pinned by digest/.test(err);
      },
      { what: 'the warning', timeoutMs: 30_000 },
    );
  });

  test('then it refuses tags and foreign registries: in pods, what makes them, and containers of every kind', async () => {
    await admin.create(PODS, pod(GOOD, 'running'));
    await deploy('cluster-enforce');
    await until(
      () =>
        tried(PODS, pod(TAGGED)).then(
          () => false,
          () => true,
        ),
      { what: 'the policy is in force', timeoutMs: 30_000 },
    );
    await tried(PODS, pod(GOOD));
    await tried('/apis/apps/v1/namespaces/iam/deployments', deployment(GOOD));
    await tried('/api/v1/namespaces/default/configmaps', { metadata: { name: 'x' } });
    for (const [image, why] of [
      [TAGGED, /not pinned by digest/],
      [FOREIGN, /neither from onestreamprod\.azurecr\.io nor on the list/],
    ] as const) {
      await assert.rejects(tried(PODS, pod(image)), why);
      await assert.rejects(tried('/apis/apps/v1/namespaces/iam/deployments', deployment(image)), why);
      const init = { ...pod(GOOD).spec, initContainers: [{ name: 'i', image }] };
      await assert.rejects(tried(PODS, { metadata: { name: 'x' }, spec: init }), why);
      const debug = { spec: { ephemeralContainers: [{ name: 'd', image }] } };
      await assert.rejects(admin.patch(`${PODS}/running/ephemeralcontainers`, debug, MERGE), why);
    }
  });

  test('the glass is broken only by whom it is for, with a reason and an end', async () => {
    assert.match((await annotate(at(HOUR_MS), 'registry is down', ...OTHERS)).err, /only group "sluice-break-glass"/);
    assert.match((await annotate('tomorrow', 'registry is down', ...GROUP)).err, /says until when/);
    assert.match((await annotate(at(HOUR_MS), 'x', ...GROUP)).err, /says why/);
    assert.match((await annotate(at(HOUR_MS), null, ...GROUP)).err, /says why/);
    await assert.rejects(tried(PODS, pod(FOREIGN)), /neither from/);
  });

  test('while it is broken everything gets in that is made; a running pod is not changed; afterwards nothing does', async () => {
    assert.equal((await annotate(at(HOUR_MS), 'registry is down', ...GROUP)).err, '');
    await until(
      () =>
        tried(PODS, pod(FOREIGN)).then(
          () => true,
          () => false,
        ),
      { what: 'it is open', timeoutMs: 30_000 },
    );
    const debug = { spec: { ephemeralContainers: [{ name: 'd', image: FOREIGN }] } };
    await assert.rejects(admin.patch(`${PODS}/running/ephemeralcontainers`, debug, MERGE), /neither from/);
    assert.equal((await annotate(at(-HOUR_MS), 'registry is down', ...GROUP)).err, '');
    await until(
      () =>
        tried(PODS, pod(FOREIGN)).then(
          () => false,
          (error: Error) => /neither from/.test(error.message),
        ),
      { what: 'it is over by its own date', timeoutMs: 30_000 },
    );
    const lied = { ...pod(FOREIGN), metadata: { name: 'x', creationTimestamp: at(-10 * HOUR_MS) } };
    await assert.rejects(tried(PODS, lied), /neither from/, 'the time is the server’s, not that of who asks');
    assert.equal((await annotate(null, null, ...OTHERS)).err, '', 'whoever may change the namespace may close it');
    await tried(PODS, pod(GOOD));
  });
});
