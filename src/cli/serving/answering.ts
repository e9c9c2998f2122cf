/** How people can answer with a web server, by the configuration of the environments that they answer for. */
import { ReleaseEngineError } from '../../client/index.ts';
import type { IdentityProvider } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import type { Answering, IdentityDoor } from '../../web/answering/answering.ts';
import { shownError } from '../shown-error.ts';
import { browserSignIn } from '../wire.ts';

/** Without a configuration it can only show. Throws {@link ConfigError} for one that is named and missing, or wrong. */
export async function answeringBy(path: string | undefined): Promise<Answering> {
  try {
    const { approvers } = await loadConfig(path);
    if (approvers.kind === 'unproven') return approvers;
    const { people, identity } = approvers;
    if (people.length === 0 && identity === undefined) return { kind: 'none' };
    const keys = people.length > 0 ? 'offered' : 'none';
    return identity === undefined
      ? { kind: 'proven', keys }
      : { kind: 'proven', keys, identity: await doorTo(identity) };
  } catch (error) {
    if (path === undefined && error instanceof ConfigError && error.code === 'config-missing') return { kind: 'none' };
    throw error;
  }
}

async function doorTo(provider: IdentityProvider): Promise<IdentityDoor> {
  const { begin, finish } = await browserSignIn(provider);
  return {
    issuer: provider.issuer,
    begin: (redirectUri, thumbprint) => begin(redirectUri, thumbprint).catch(rethrown),
    finish: (back) => finish(back).catch(rethrown),
  };
}

/** What an adapter throws, as pages can show it. */
function rethrown(error: unknown): never {
  const { code, message, expected, got, remedy } = shownError(error);
  if (code === 'internal') throw error;
  const details = {
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    ...(remedy === undefined ? {} : { remedy }),
  };
  throw new ReleaseEngineError(code, message, { ...details, cause: error });
}
