import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ExampleName, pushExample } from '../../../examples/images.ts';
import { type Emulator, type Fault, startEmulator } from '../../../local/acr-emulator/index.ts';
import { pullImage } from '../../../local/nodes/pull.ts';
import { type Registry, registry } from '../../../local/nodes/registry.ts';
import { accessOf, uploaderTo } from './emulated-registry.ts';

const DEV = 'onestreamdev';

describe('nodes and the emulated registries', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-nodes-emulator-'));
  let emulator: Emulator;
  let loginServer: string;
  const digests = new Map<ExampleName, string>();
  const open: Registry[] = [];

  before(async () => {
    emulator = await startEmulator({ dir, redirectBlobs: true });
    loginServer = emulator.registries[DEV]?.loginServer ?? '';
    const upload = await uploaderTo(emulator, DEV);
    for (const name of ['v1', 'v2'] as const) {
      const { image } = await pushExample(upload, name);
      digests.set(name, image.digest);
    }
  });
  after(async () => {
    for (const one of open) one.close();
    await emulator?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Pulls with the identity of a kubelet: 21 dev, 22 staging. */
  function pullAs(kubelet: '21' | '22', image: string): ReturnType<typeof pullImage> {
    const client = registry(loginServer, accessOf(emulator, kubelet));
    open.push(client);
    return pullImage(image, () => client, AbortSignal.timeout(10_000));
  }

  for (const name of ['v1', 'v2'] as const) {
    test(`the environment's kubelet pulls ${name} by digest, over storage redirects`, async () => {
      const pulled = await pullAs('21', `${loginServer}/iam@${digests.get(name)}`);
      assert.equal(pulled.digest, digests.get(name));
      assert.match(pulled.behaviour ?? '', /"listen":\s*8080/);
    });
  }

  test("another environment's kubelet is refused", async () => {
    await assert.rejects(
      pullAs('22', `${loginServer}/iam@${digests.get('v1')}`),
      /failed to authorize: failed to fetch oauth token: .*: 401 Unauthorized/,
    );
  });

  const FAULTS: [Fault, RegExp][] = [
    [{ fault: 'swap', match: { path: '/manifests/' } }, /unexpected commit digest sha256:.*: failed precondition/],
    [{ fault: 'reset', when: 'body', match: { path: '/manifests/' } }, /aborted|ECONNRESET/],
    [{ fault: 'status', status: 503, match: { path: '/manifests/' } }, /unexpected status from GET request .*: 503/],
    [{ fault: 'throttle', match: { path: '/manifests/' } }, /unexpected status from GET request .*: 429/],
    [{ fault: 'invalid-token' }, /pull access denied|failed to authorize/],
  ];
  for (const [fault, message] of FAULTS) {
    test(`a registry at fault (${fault.fault}) fails the pull, and the next one works`, async () => {
      const image = `${loginServer}/iam@${digests.get('v1')}`;
      emulator.faults.set(fault);
      await assert.rejects(pullAs('21', image), message);
      emulator.faults.clear();
      assert.equal((await pullAs('21', image)).digest, digests.get('v1'));
    });
  }

  test('an image that is not there is not found', async () => {
    await assert.rejects(pullAs('21', `${loginServer}/iam@sha256:${'0'.repeat(64)}`), /code = NotFound/);
  });
});
