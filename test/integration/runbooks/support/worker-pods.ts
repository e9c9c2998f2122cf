/** Sluice's own workers in a cluster, as deploy/kubernetes has them: an overlay of this test, an image that only answers probes. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { healthy } from '../../../../examples/behaviour.ts';
import { buildImage } from '../../../../examples/build-image.ts';
import { openRegistry } from '../../../../local/stack/registry-session.ts';
import { PIPELINE_HOST } from '../../../../local/stack/world.ts';
import { checkout } from '../../../../local/tools/place.mjs';
import { type Shell, typeInto } from '../../../support/typed-blocks.ts';
import type { OnCall } from './on-call.ts';

const ZONES = ['sluice-engine', 'sluice-nonproduction', 'sluice-production'];

export interface WorkerPods {
  /** Before the repository's root as the platform team has it, with its overlay; the cluster is the one of the workers. */
  readonly shell: Shell;
  /** Pushes an image of the workers and writes its digest into the overlay, which nobody has applied yet. */
  write(version: string): Promise<void>;
  /** As it was brought in the first time. */
  apply(): Promise<void>;
}

export async function workerPods(world: OnCall): Promise<WorkerPods> {
  const { emulator, clusters } = world.stack;
  const mine = world.shell();
  const shell = { ...mine, env: { ...mine.env, KUBECONFIG: clusters.adminKubeconfigs['dev'] ?? '' } };
  const folder = join(mine.cwd ?? '', 'deploy', 'kubernetes');
  cpSync(join(checkout, 'deploy', 'kubernetes'), folder, { recursive: true });
  const type = async (line: string): Promise<void> => {
    const { code, out } = await typeInto(shell, line);
    assert.equal(code, 0, out);
  };
  // what a secret store does in a cluster
  for (const zone of ZONES) {
    const secret = `kubectl --namespace ${zone} create secret generic temporal --from-literal api-key=none`;
    await type(`kubectl create namespace ${zone} && ${secret}`);
  }
  return {
    shell,
    apply: () => type('kubectl apply --server-side --kustomize deploy/kubernetes/example'),
    async write(version) {
      const image = await buildImage('sluice', version, { ...healthy(version), ...answersProbes(version) });
      const scope = 'repository:sluice:pull,push';
      const session = await openRegistry(emulator, { registry: 'onestreamdev', host: PIPELINE_HOST, scope });
      const send = async (path: string, method: string, body?: Uint8Array, type?: string) => {
        const headers = { 'content-type': type ?? 'application/octet-stream' };
        const answer = await session.request(path, { method, headers, body: body ?? null });
        assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`);
        return answer;
      };
      for (const { digest, bytes } of image.blobs) {
        const begun = await send('/v2/sluice/blobs/uploads/', 'POST');
        const place = begun.headers.get('location') ?? '';
        await send(`${place}${place.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`, 'PUT', bytes);
      }
      await send(`/v2/sluice/manifests/${version}`, 'PUT', image.manifest.bytes, image.mediaType);
      await session.close();
      const file = join(folder, 'example', 'image', 'kustomization.yaml');
      const text = readFileSync(file, 'utf8')
        .replace(/newName: .*/, `newName: ${emulator.registries['onestreamdev']?.loginServer}/sluice`)
        .replace(/digest: .*/, `digest: ${image.manifest.digest}`);
      writeFileSync(file, text);
    },
  };
}

function answersProbes(version: string): object {
  const ok = { status: 200, body: { status: 'ok' } };
  const log = [JSON.stringify({ level: 'info', message: 'worker is ready', version })];
  return { listen: 8081, responses: { '/livez': ok, '/readyz': ok }, log };
}
