/** `sluice manifests push`: what "sluice start" publishes, before there is a release, so that it can be signed. */
import { loadConfig } from '../config/load.ts';
import { packRelease, type ReleaseWish } from './prepare-release.ts';
import { localRegistry } from './wire.ts';

export interface PushedManifests {
  /** `registry/iam@sha256:…`: what is signed. */
  readonly reference: string;
  readonly digest: string;
  /** `iam@sha256:…`: what they were published for. */
  readonly image: string;
}

export async function pushManifests(
  wish: Omit<ReleaseWish, 'manifests'>,
  configPath: string | undefined,
): Promise<PushedManifests> {
  const config = await loadConfig(configPath);
  const readerOf = async (environment: string) => (await localRegistry(config, environment)).reader;
  const { service, first, image, manifests: digest, packed } = await packRelease(config, wish, readerOf);
  const { reader, publisher } = await localRegistry(config, first);
  await publisher.publish(service.repository, packed);
  return { reference: `${reader.host}/${service.repository}@${digest}`, digest, image };
}
