/** The rendered policy on a real API server: what it lets in and what it does not, and that Sluice itself asks the same. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane/index.ts';
import {
  type KubeApi,
  KubeApiError,
  kubeApi,
  MERGE,
  readKubeconfig,
  STRATEGIC,
} from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import { asYaml } from '../../../src/cluster-policy/render.ts';
import { imagePolicy } from '../../../src/cluster-policy/images.ts';
import { COMMON_SIGNATURES } from '../../../src/domain/proof.ts';
import { isListedImage } from '../../../src/domain/manifest-rules.ts';

const binary = toolPath('control-plane');
const skip = binary !== undefined || process.env['CI'] ? false : 'control-plane is not installed: npm run setup';
const run = promisify(execFile);

const HOST = 'prod.example.test';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const GOOD = `${HOST}/iam@${DIGEST}`;
const LISTED = ['docker.io/library/busybox', 'mirror.test:5000/tools/*'];
const GROUND = {
  environment: 'production',
  registryHost: HOST,
  images: LISTED,
  repositories: ['iam'],
  namespaces: ['iam'],
};

/** What was there before the policy. */
const EARLIER = { deployment: '/apis/apps/v1/namespaces/iam/deployments/old', pod: '/api/v1/namespaces/iam/pods/old' };

const container = (image: string, name = 'a') => ({ name, image });
const podOf = (image: string) => ({ containers: [container(image)] });
const template = (spec: object) => ({ metadata: { labels: { app: 'x' } }, spec });
const selector = { matchLabels: { app: 'x' } };

interface Kind {
  readonly path: string;
  /** The object around a pod's spec. */
  readonly around: (spec: object) => object;
}

const never = (spec: object) => ({ ...spec, restartPolicy: 'Never' });
const KINDS: Readonly<Record<string, Kind>> = {
  Pod: { path: '/api/v1/namespaces/NS/pods', around: (spec) => ({ spec }) },
  PodTemplate: { path: '/api/v1/namespaces/NS/podtemplates', around: (spec) => ({ template: template(spec) }) },
  ReplicationController: {
    path: '/api/v1/namespaces/NS/replicationcontrollers',
    around: (spec) => ({ spec: { selector: { app: 'x' }, template: template(spec) } }),
  },
  Deployment: {
    path: '/apis/apps/v1/namespaces/NS/deployments',
    around: (spec) => ({ spec: { selector, template: template(spec) } }),
  },
  ReplicaSet: {
    path: '/apis/apps/v1/namespaces/NS/replicasets',
    around: (spec) => ({ spec: { selector, template: template(spec) } }),
  },
  StatefulSet: {
    path: '/apis/apps/v1/namespaces/NS/statefulsets',
    around: (spec) => ({ spec: { selector, serviceName: 'x', template: template(spec) } }),
  },
  DaemonSet: {
    path: '/apis/apps/v1/namespaces/NS/daemonsets',
    around: (spec) => ({ spec: { selector, template: template(spec) } }),
  },
  Job: {
    path: '/apis/batch/v1/namespaces/NS/jobs',
    around: (spec) => ({ spec: { template: { spec: never(spec) } } }),
  },
  CronJob: {
    path: '/apis/batch/v1/namespaces/NS/cronjobs',
    around: (spec) => ({
      spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: { spec: never(spec) } } } },
    }),
  },
};

const NO_SIGNATURES = { signatures: 'none', wanted: COMMON_SIGNATURES, signers: {} } as const;

describe('the image policy of a cluster', { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-policy-'));
  let plane: ControlPlane;
  let admin: KubeApi;

  before(async () => {
    plane = await startControlPlane({ binary: binary ?? '', dir });
    admin = kubeApi(readKubeconfig(plane.adminKubeconfig));
    for (const name of ['iam', 'other']) {
      await admin.create('/api/v1/namespaces', { metadata: { name } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(
        () =>
          admin.get(account).then(
            () => true,
            () => false,
          ),
        { what: `an account in ${name}`, timeoutMs: 30_000 },
      );
    }
    await admin.create('/apis/apps/v1/namespaces/iam/deployments', {
      metadata: { name: 'old' },
      spec: {
        replicas: 2,
        selector,
        strategy: { rollingUpdate: { maxUnavailable: '100%', maxSurge: 0 } },
        template: template(podOf('nginx:1.27')),
      },
    });
    await admin.create('/api/v1/namespaces/iam/pods', { metadata: { name: 'old' }, spec: podOf('nginx:1.27') });
    await kubectlApply();
    // the server takes it up by itself, a moment later
    await until(async () => (await tried('Pod', podOf('nginx'))) !== undefined, {
      what: 'the policy is in force',
      timeoutMs: 30_000,
    });
  });
  after(async () => {
    admin?.close();
    await plane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** As whoever runs the cluster does it, with the file as it is printed. */
  async function kubectlApply(): Promise<string> {
    const args = ['--kubeconfig', plane.adminKubeconfig, 'apply', '-f', '-'];
    const applied = run(toolPath('kubectl') ?? 'kubectl', args, { timeout: 60_000, env: { HOME: dir } });
    applied.child.stdin?.end(asYaml(imagePolicy(GROUND), GROUND, NO_SIGNATURES));
    return (await applied).stdout;
  }

  /** The refusal of the server; undefined: it would take the object. */
  async function tried(kind: string, spec: object, namespace = 'iam'): Promise<string | undefined> {
    const { path, around } = KINDS[kind] ?? assert.fail(kind);
    return refusalOf(
      admin.create(`${path.replace('NS', namespace)}?dryRun=All`, { metadata: { name: 'x' }, ...around(spec) }),
    );
  }

  async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      assert.ok(error instanceof KubeApiError && error.status === 422, String(error));
      assert.match(error.message, /ValidatingAdmissionPolicy 'sluice-production-images'/);
      return error.message;
    }
  }

  for (const kind of Object.keys(KINDS)) {
    test(`a ${kind} with images of the registry and of the list is let in`, async () => {
      const spec = {
        containers: [container(GOOD), container(`docker.io/library/busybox@${DIGEST}`, 'b')],
        initContainers: [container(`mirror.test:5000/tools/init:1.2@${DIGEST}`, 'c')],
      };
      assert.equal(await tried(kind, spec), undefined);
    });

    test(`a ${kind} with a tag is refused, and told which image it is`, async () => {
      assert.match(
        (await tried(kind, podOf(`${HOST}/iam:1.0`))) ?? '',
        /not pinned by digest: prod\.example\.test\/iam:1\.0/,
      );
    });

    test(`a ${kind} with a pinned image from elsewhere is refused, and told which image it is`, async () => {
      const message = (await tried(kind, podOf(`evil.test/iam@${DIGEST}`))) ?? '';
      assert.match(message, /neither from prod\.example\.test nor on the list of production: evil\.test\/iam@/);
    });

    test(`in a ${kind} init containers, sidecars and image volumes are held to it as well`, async () => {
      const bad = `evil.test/a@${DIGEST}`;
      const places: readonly object[] = [
        { ...podOf(GOOD), initContainers: [container(bad, 'i')] },
        // a sidecar starts again and again; where pods end by themselves it is an init container all the same
        { ...podOf(GOOD), initContainers: [{ ...container(bad, 'i'), restartPolicy: 'Always' }] },
        { ...podOf(GOOD), volumes: [{ name: 'v', image: { reference: bad } }] },
        { containers: [container(GOOD), container(bad, 'b')] },
      ];
      for (const spec of places) assert.match((await tried(kind, spec)) ?? '', /evil\.test\/a@/, JSON.stringify(spec));
    });
  }

  test('an image volume that names no image is refused', async () => {
    const spec = { ...podOf(GOOD), volumes: [{ name: 'v', image: {} }] };
    assert.match((await tried('PodTemplate', spec)) ?? '', /not pinned by digest: \(none\)/);
  });

  test('what "kubectl debug" adds to a running pod is held to it as well', async () => {
    await admin.create('/api/v1/namespaces/iam/pods', { metadata: { name: 'debugged' }, spec: podOf(GOOD) });
    const add = (image: string): Promise<unknown> =>
      admin.patch(
        '/api/v1/namespaces/iam/pods/debugged/ephemeralcontainers',
        { spec: { ephemeralContainers: [{ name: `d${image.length}`, image }] } },
        STRATEGIC,
      );
    assert.match((await refusalOf(add('busybox'))) ?? '', /not pinned by digest: busybox/);
    assert.match((await refusalOf(add(`evil.test/a@${DIGEST}`))) ?? '', /evil\.test/);
    assert.equal(await refusalOf(add(`docker.io/library/busybox@${DIGEST}`)), undefined);
  });

  test('other namespaces are left alone', async () => {
    assert.equal(await tried('Pod', podOf('nginx'), 'other'), undefined);
    assert.equal(await tried('Deployment', podOf('evil.test/a:1'), 'other'), undefined);
  });

  test('it says the same as Sluice of every image', async () => {
    const names = [
      ...['iam', 'team/iam', 'iam-evil', 'a--b', 'a__b', 'a.b/c'].map((one) => `${HOST}/${one}`),
      ...[
        'docker.io/library/busybox',
        'docker.io/library/busybox-evil',
        'docker.io/library/busybox/x',
        'docker.io/busybox',
      ],
      ...['mirror.test:5000/tools/a', 'mirror.test:5000/tools/a/b', 'mirror.test:5000/tools', 'mirror.test/tools/a'],
      ...[
        `${HOST}.evil.test/iam`,
        `evil.test/${HOST}/iam`,
        `evil${HOST}/iam`,
        'prodxexample.test/iam',
        `${HOST}:443/iam`,
      ],
      ...[
        'busybox',
        'library/busybox',
        `${HOST.toUpperCase()}/iam`,
        `${HOST}/IAM`,
        `${HOST}//iam`,
        `${HOST}/iam/`,
        HOST,
      ],
    ];
    const tails = [
      ...[
        `@${DIGEST}`,
        `:1.2@${DIGEST}`,
        ':1.2',
        '',
        `@${DIGEST.slice(0, -1)}`,
        `@${DIGEST}a`,
        `@${DIGEST.toUpperCase()}`,
      ],
      ...[`@sha512:${'ab'.repeat(64)}`, `@${DIGEST}@${DIGEST}`, `:${'a'.repeat(129)}@${DIGEST}`, `:@${DIGEST}`],
    ];
    const images = names.flatMap((name) => tails.map((tail) => `${name}${tail}`));
    const differing = [];
    const asked = images.map(async (image) => ({ image, cluster: (await tried('Pod', podOf(image))) === undefined }));
    for (const { image, cluster } of await Promise.all(asked)) {
      const sluice = isListedImage([`${HOST}/*`, ...LISTED], image);
      if (cluster !== sluice) differing.push({ image, cluster, sluice });
    }
    assert.deepEqual(differing, []);
    assert.ok(images.some((one) => isListedImage([`${HOST}/*`, ...LISTED], one)));
  });

  test('what ran before is not kept from being scaled, labelled and deleted, and gets no other bad image', async () => {
    assert.equal(await refusalOf(admin.patch(EARLIER.deployment, { spec: { replicas: 1 } }, MERGE)), undefined);
    assert.equal(await refusalOf(admin.patch(EARLIER.pod, { metadata: { labels: { a: 'b' } } }, MERGE)), undefined);
    const other = { spec: { containers: [container('nginx:1.28')] } };
    assert.match(
      (await refusalOf(admin.patch(EARLIER.pod, other, STRATEGIC))) ?? '',
      /not pinned by digest: nginx:1\.28/,
    );
    await admin.remove(EARLIER.pod);
  });

  test('a deployment from before is rolled over to a digest: its old replica set can be scaled down', async () => {
    const next = { spec: { template: { spec: { containers: [container(GOOD)] } } } };
    assert.equal(await refusalOf(admin.patch(EARLIER.deployment, next, STRATEGIC)), undefined);
    await until(
      async () => {
        const { items } = await admin.get<{ items: ReplicaSet[] }>('/apis/apps/v1/namespaces/iam/replicasets');
        const old = items.find((one) => one.spec.template.spec.containers[0]?.image === 'nginx:1.27');
        const fresh = items.find((one) => one.spec.template.spec.containers[0]?.image === GOOD);
        return old?.spec.replicas === 0 && fresh?.spec.replicas === 1;
      },
      { what: 'the old replica set is scaled down', timeoutMs: 60_000 },
    );
  });

  test('the server finds nothing to complain about in its expressions', async () => {
    interface Policy {
      readonly metadata: { readonly generation: number };
      readonly status?: {
        readonly observedGeneration?: number;
        readonly typeChecking?: { readonly expressionWarnings?: unknown };
      };
    }
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/sluice-production-images';
    let policy: Policy | undefined;
    await until(
      async () => {
        policy = await admin.get<Policy>(path);
        return policy.status?.observedGeneration === policy.metadata.generation;
      },
      { what: 'the policy has been looked at', timeoutMs: 30_000 },
    );
    assert.equal(policy?.status?.typeChecking?.expressionWarnings, undefined);
  });

  test('kubectl that applies the same file again changes nothing', async () => {
    const told = await kubectlApply();
    assert.equal(told.match(/ unchanged$/gm)?.length, 2, told);
  });
});

interface ReplicaSet {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}
