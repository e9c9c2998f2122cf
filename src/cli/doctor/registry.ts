/** One registry, as the local identity sees it. */
import type { Config } from '../../config/config.ts';
import { shownError } from '../shown-error.ts';
import { localRegistry } from '../wire.ts';
import { type Finding, finding, notTried, well } from './finding.ts';

/** A tag that nobody has: "there is none" proves address, certificate, identity and the right to read. */
const NO_TAG = 'sluice-doctor-asks';

export async function examineRegistry(config: Config, environment: string): Promise<readonly Finding[]> {
  const about = `registry ${environment}`;
  const host = config.environments[environment]?.registry.loginServer ?? '';
  const services = Object.values(config.rulebook.services).filter((service) => service.path.includes(environment));
  // pipelines push to the first environment; that they may not read a later one is how it should be
  const first = services.some((service) => service.path[0] === environment);
  const reads = await Promise.all(
    services.map(({ repository }) =>
      finding(`${about}: read ${repository}`, async () => {
        const { reader, locks } = await localRegistry(config, environment);
        try {
          await reader.manifest(repository, { tag: NO_TAG });
          await locks.read({ repository, tag: NO_TAG });
        } catch (error) {
          if (first || !isNo(error)) throw error;
          return notTried(
            `${about}: read ${repository}`,
            `${host} answers; you may not read it, only its workers need to`,
          );
        }
        return well(`${about}: read ${repository}`, `${host} answers; manifests and lock attributes can be read`);
      }),
    ),
  );
  return [
    ...reads,
    notTried(
      `${about}: import, push, lock, delete`,
      'cannot be tried without doing it; a promotion says which role is missing',
    ),
  ];
}

function isNo(error: unknown): boolean {
  const { code, got = '' } = shownError(error);
  return code === 'registry-forbidden' || (code === 'registry-unauthorized' && got.includes('401'));
}
