/** Pushing the example images as the build pipeline would: with the build identity, over the registry's own protocol. */
import { type Example, type ExampleName, pushExample } from '../../examples/images.ts';
import type { Emulator } from '../acr-emulator/index.ts';
import { openRegistry } from './registry-session.ts';
import { PIPELINE_HOST } from './world.ts';

/** Pushes image and signatures into the dev registry. Twice is once. */
export async function pushToDev(emulator: Emulator, name: ExampleName): Promise<Example> {
  const scope = 'repository:iam:pull,push';
  const session = await openRegistry(emulator, { registry: 'onestreamdev', host: PIPELINE_HOST, scope });
  try {
    return await pushExample(
      (path, init) => session.request(path, { ...init, body: init.body ?? null, headers: { ...init.headers } }),
      name,
    );
  } finally {
    await session.close();
  }
}
