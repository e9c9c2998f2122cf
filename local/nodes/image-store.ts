/** The images a node holds. What was pulled once stays, also over a restart, as on a node's disk. */
import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EffectLog } from './effect-log.ts';
import { type PulledImage, pullImage } from './pull.ts';
import { PullError, unusable } from './pull-error.ts';
import type { Registry } from './registry.ts';

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

export interface ImageStore {
  /** The image, pulled if the policy asks for it; throws {@link PullError}. Several pods share one pull. */
  obtain(image: string, policy: PullPolicy, signal: AbortSignal): Promise<PulledImage>;
}

export function imageStore(
  dir: string,
  registryOf: (loginServer: string) => Registry | undefined,
  effects: EffectLog,
  closing: AbortSignal,
): ImageStore {
  mkdirSync(dir, { recursive: true });
  const pulls = new Map<string, Promise<PulledImage>>();

  async function pull(image: string): Promise<PulledImage> {
    try {
      const pulled = await pullImage(image, registryOf, closing);
      await keep(fileOf(dir, image), pulled);
      effects.write('image-pulled', { image, digest: pulled.digest, blobs: pulled.blobs, bytes: pulled.bytes });
      return pulled;
    } catch (error) {
      closing.throwIfAborted();
      const refused = error instanceof PullError ? error : unusable(image, (error as Error).message, error);
      effects.write('image-refused', { image, reason: refused.reason, message: refused.message });
      throw refused;
    }
  }

  return {
    async obtain(image, policy, signal) {
      const held = policy === 'Always' ? undefined : readHeld(fileOf(dir, image));
      if (held !== undefined) return held;
      if (policy === 'Never') {
        throw new PullError('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);
      }
      const running = pulls.get(image) ?? pull(image).finally(() => pulls.delete(image));
      pulls.set(image, running);
      const pulled = await running;
      signal.throwIfAborted();
      return pulled;
    },
  };
}

function fileOf(dir: string, image: string): string {
  return join(dir, `${createHash('sha256').update(image).digest('hex')}.json`);
}

async function keep(file: string, pulled: PulledImage): Promise<void> {
  await writeFile(`${file}.tmp`, JSON.stringify(pulled));
  await rename(`${file}.tmp`, file);
}

function readHeld(file: string): PulledImage | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
