import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { anImage } from '../../unit/nodes/an-image.ts';
import { aCluster, eventually, type TestCluster } from './a-cluster.ts';
import { aDeployment, aNamespace, aService } from './manifests.ts';

const binary = toolPath('control-plane');
const skip =
  process.platform !== 'linux'
    ? 'load balancers need addresses beyond 127.0.0.1: Linux only'
    : binary !== undefined || process.env.CI
      ? false
      : 'control-plane is not installed: npm run setup';

const image = (version: string, health = 200) =>
  anImage({
    listen: 8080,
    responses: { '/ready': {}, '/health': { status: health, body: { version } } },
    when: [
      { env: { ENVIRONMENT: 'staging' }, responses: { '/health': { status: 500, body: { version, bad: true } } } },
    ],
  });

describe('a service of type LoadBalancer', { skip }, () => {
  let cluster: TestCluster;
  let address: string;
  let v1: string;
  let v2: string;
  const namespace = 'iam';

  /** One request on a fresh connection. */
  async function ask(path: string): Promise<{ status: number; digest: string | null; body: string }> {
    const response = await fetch(`http://${address}:8080${path}`, { headers: { connection: 'close' } });
    return { status: response.status, digest: response.headers.get('x-sluice-digest'), body: await response.text() };
  }

  function addressOf(space: string): Promise<string> {
    return eventually('an address', async () => {
      return (await cluster.service(space)).status?.loadBalancer?.ingress?.[0]?.ip;
    });
  }

  const deploy = (reference: string, changes = {}) =>
    cluster.apply(aDeployment({ namespace, image: reference, ...changes }));

  before(async () => {
    cluster = await aCluster(binary ?? '', '127.0.42.10');
    v1 = cluster.registry.push('iam', await image('1'));
    v2 = cluster.registry.push('iam', await image('2'));
    await cluster.apply(aNamespace(namespace), aService(namespace));
    address = await addressOf(namespace);
  });
  after(() => cluster?.stop());

  test('has an address of the range, which refuses connections while nothing is ready', async () => {
    assert.equal(address, '127.0.42.10');
    await assert.rejects(ask('/health'), (error: Error) => /ECONNRE|other side closed/.test(String(error.cause)));
  });

  test('answers as the image says, with the digest that answered', async () => {
    await deploy(v1);
    const answer = await eventually('an answer', () => ask('/health').catch(() => undefined));
    assert.deepEqual(answer, { status: 200, digest: v1.split('@')[1], body: '{"version":"1"}' });
    assert.equal((await ask('/none')).status, 404);
    assert.equal((await ask('/health?verbose=1')).status, 200);
  });

  test('never stops answering during a roll-out, and ends at the new digest', async () => {
    await deploy(v2);
    const seen = new Set<string | null>();
    await eventually('only the new digest answers', async () => {
      const answers = await Promise.all(Array.from({ length: 4 }, () => ask('/health')));
      for (const { status, digest } of answers) {
        assert.equal(status, 200);
        seen.add(digest);
      }
      return answers.every(({ digest }) => digest === v2.split('@')[1]);
    });
    assert.ok(seen.has(v2.split('@')[1] ?? ''));
  });

  test('does not send requests to pods that are not ready', async () => {
    await deploy(v1, { annotations: { 'sluice.dev/simulate': 'unready' } });
    await eventually('an unready pod runs', async () =>
      (await cluster.pods(namespace)).find((pod) => pod.status?.containerStatuses?.[0]?.imageID === v1),
    );
    for (let asked = 0; asked < 10; asked++) assert.equal((await ask('/health')).digest, v2.split('@')[1]);
    await deploy(v2);
  });

  test('answers differently where the environment of the container says so', async () => {
    await deploy(v1, { container: { env: [{ name: 'ENVIRONMENT', value: 'staging' }] } });
    const bad = await eventually('500', async () => {
      const answer = await ask('/health');
      return answer.status === 500 && answer;
    });
    assert.deepEqual(bad, { status: 500, digest: v1.split('@')[1], body: '{"version":"1","bad":true}' });
  });

  test('a second one has an address of its own, which is free again once it is deleted', async () => {
    await cluster.apply(aNamespace('other'), aService('other'));
    assert.equal(await addressOf('other'), '127.0.42.11');
    await cluster.api.remove('/api/v1/namespaces/other/services/iam');
    await cluster.apply(aNamespace('third'), aService('third'));
    assert.equal(await addressOf('third'), '127.0.42.11');
  });

  test('waits while another program holds its port, and says so in an event', async () => {
    const squatter = createServer().listen(8080, '127.0.42.12');
    await new Promise((resolve) => squatter.once('listening', resolve));
    await cluster.apply(aNamespace('blocked'), aService('blocked'));
    await eventually('an event', async () => {
      const { items } = await cluster.api.get<{ items: { reason: string; message: string }[] }>(
        '/api/v1/namespaces/blocked/events',
      );
      return items.some(({ reason, message }) => reason === 'SyncLoadBalancerFailed' && /EADDRINUSE/.test(message));
    });
    assert.equal((await cluster.service('blocked')).status?.loadBalancer?.ingress, undefined);
    await new Promise((resolve) => squatter.close(resolve));
    assert.equal(await addressOf('blocked'), '127.0.42.12');
  });
});
