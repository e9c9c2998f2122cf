import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { V1Deployment, V1Service } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { EXAMPLE_MANIFESTS, type ExampleName, pushExample } from '../../../examples/images.ts';
import { type Emulator, startEmulator } from '../../../local/acr-emulator/index.ts';
import { type KubeApi, kubeApi, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { aCluster, eventually, type Manifest, pathOf, type TestCluster } from './a-cluster.ts';
import { accessOf, uploaderTo } from './emulated-registry.ts';

const binary = toolPath('control-plane');
const skip = binary !== undefined || process.env.CI ? false : 'control-plane is not installed: npm run setup';
const DEV = 'onestreamdev';

/** The example manifests of one environment, as Sluice sends them: with namespace and image. */
function manifestsOf(environment: string, namespace: string, image: string): Manifest[] {
  const folder = new URL(`${environment}/`, EXAMPLE_MANIFESTS);
  return readdirSync(folder).map((file) => {
    const object = parse(readFileSync(new URL(file, folder), 'utf8'));
    if (object.kind === 'Deployment') object.spec.template.spec.containers[0].image = image;
    return { ...object, metadata: { ...object.metadata, namespace } };
  });
}

describe('the examples on the local world', { skip }, () => {
  let cluster: TestCluster;
  let emulator: Emulator;
  const images = new Map<ExampleName, string>();
  const accounts = new Map<string, KubeApi>();

  before(async () => {
    cluster = await aCluster(binary ?? '', '127.0.45.10');
    emulator = await startEmulator({ dir: join(cluster.dir, 'emulator') });
    const loginServer = emulator.registries[DEV]?.loginServer ?? '';
    const upload = await uploaderTo(emulator, DEV);
    for (const name of ['v1', 'v2'] as const) {
      images.set(name, `${loginServer}/iam@${(await pushExample(upload, name)).image.digest}`);
    }
    await cluster.nodes.close();
    cluster.nodes = await cluster.startNode({ registries: { [loginServer]: accessOf(emulator, '21') } });
    for (const environment of ['dev', 'staging']) {
      const path = await cluster.plane.kubeconfigFor({
        namespace: `iam-${environment}`,
        name: `sluice-${environment}`,
      });
      accounts.set(environment, kubeApi(readKubeconfig(path)));
    }
  });
  after(async () => {
    for (const account of accounts.values()) account.close();
    await emulator?.close();
    await cluster?.stop();
  });

  /** Applies as the environment's own account, waits, and answers the health of the service. */
  async function release(
    environment: string,
    version: ExampleName,
  ): Promise<{ status: number; digest: string | null }> {
    const namespace = `iam-${environment}`;
    const image = images.get(version) ?? '';
    const account = accounts.get(environment) as KubeApi;
    for (const manifest of manifestsOf(environment, namespace, image)) await account.apply(pathOf(manifest), manifest);
    await eventually(`${version} runs in ${environment}`, async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/iam`;
      const { metadata, status, spec } = await account.get<V1Deployment>(path);
      const observed = status?.observedGeneration === metadata?.generation;
      return observed && status?.updatedReplicas === spec?.replicas && status?.replicas === status?.availableReplicas;
    });
    const ip = await eventually('an address', async () => {
      const { status } = await account.get<V1Service>(`/api/v1/namespaces/${namespace}/services/iam`);
      return status?.loadBalancer?.ingress?.[0]?.ip;
    });
    const response = await fetch(`http://${ip}:8080/health`, { headers: { connection: 'close' } });
    await response.text();
    return { status: response.status, digest: response.headers.get('x-sluice-digest') };
  }

  const digestOf = (version: ExampleName) => images.get(version)?.split('@')[1];
  const STORY: [string, ExampleName, number][] = [
    ['dev', 'v1', 200],
    ['staging', 'v1', 200],
    ['dev', 'v2', 200],
    ['staging', 'v2', 500],
    ['staging', 'v1', 200],
  ];
  for (const [environment, version, status] of STORY) {
    test(
      `${version} answers ${status} in ${environment}`,
      { skip: process.platform === 'linux' ? false : 'Linux only: load balancer addresses' },
      async () => {
        assert.deepEqual(await release(environment, version), { status, digest: digestOf(version) });
      },
    );
  }

  test('the registry served each image to the node once', () => {
    const pulled = cluster.effects('image-pulled').map(({ image }) => image);
    assert.deepEqual(pulled.toSorted(), [...images.values()].toSorted());
  });
});
