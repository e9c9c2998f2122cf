/** The whole story on a running stack; resolves when it has been told, whether its expectations held or not. */
import { connect } from '../../src/client/index.ts';
import type { Stack } from '../stack/start-stack.ts';
import { proveFirstVersion } from './evidence.ts';
import { releaseFirstVersion } from './first-version.ts';
import { goBackInDev } from './going-back.ts';
import type { Scene } from './journey.ts';
import { refuseStrangers } from './refusals.ts';
import { rollBackSecondVersion } from './second-version.ts';
import type { Stage } from './stage.ts';
import { lookAtThePages } from './web-pages.ts';

export async function tellStory(stack: Stack, stage: Stage, signal: AbortSignal): Promise<void> {
  const { address, namespace } = stack.temporal;
  const client = await connect({ address, namespace, user: 'audience' });
  const scene: Scene = { stack, stage, client, signal };
  try {
    const { version: first, digest } = await releaseFirstVersion(scene);
    await refuseStrangers(scene, digest);
    const second = await rollBackSecondVersion(scene, digest);
    await goBackInDev(scene, digest);
    await lookAtThePages(scene, { first, second });
    await proveFirstVersion(scene, first, digest);
  } finally {
    await client.close();
  }
}
