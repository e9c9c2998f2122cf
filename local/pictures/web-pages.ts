/** The pages of `sluice serve`: board, list, a release that waits, one that was rolled back, and a narrow, dark screen. */
import { join } from 'node:path';
import { connect } from '../../src/client/index.ts';
import { serveWeb } from '../../src/web/server.ts';
import type { Stack } from '../stack/start-stack.ts';
import type { Camera, Photograph } from './chromium.ts';

const WIDE = { width: 1280, height: 900 };
const DRAWN = "document.readyState === 'complete' && document.querySelector('h1') !== null";
const FOLLOWED = "document.getElementById('link')?.textContent.startsWith('This page follows')";

export type Shot = Pick<Photograph, 'width' | 'height' | 'dark' | 'complete'> & {
  readonly path: string;
  readonly name: string;
};

export function waitingShots(service: string, version: string): readonly Shot[] {
  const path = `/releases/${service}/${version}`;
  const leg = `${path}#leg-production`;
  return [
    { path: '/', name: 'web-board', complete: DRAWN, ...WIDE },
    { path: leg, name: 'web-release', complete: FOLLOWED, ...WIDE },
    { path: leg, name: 'web-narrow', complete: FOLLOWED, width: 360, height: 900, dark: true },
  ];
}

export function endedShots(service: string, version: string): readonly Shot[] {
  return [
    { path: '/releases', name: 'web-releases', complete: DRAWN, ...WIDE },
    { path: `/releases/${service}/${version}`, name: 'web-rolled-back', complete: DRAWN, ...WIDE },
  ];
}

/** Resolves to the files. */
export async function photographWeb(
  { temporal }: Stack,
  camera: Camera,
  folder: string,
  shots: readonly Shot[],
): Promise<readonly string[]> {
  const { address, namespace } = temporal;
  const client = await connect({ address, namespace, user: 'web' });
  const web = await serveWeb({
    address: '127.0.0.1',
    port: 0,
    namespace,
    open: () => Promise.resolve(client),
    onDefect: console.error,
    ...(temporal.uiUrl === undefined ? {} : { temporalUi: temporal.uiUrl }),
  });
  try {
    const files: string[] = [];
    for (const { path, name, ...how } of shots) {
      const file = join(folder, `${name}.png`);
      await camera.photograph({ url: new URL(path, web.url).href, file, ...how });
      files.push(file);
    }
    return files;
  } finally {
    await web.close();
    await client.close();
  }
}
