/** How people can answer with a web server, by the configuration of the environments that they answer for. */
import { ReleaseEngineError } from '../../client/index.ts';
import type { Approvers, IdentityProvider } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import type { Answering, IdentityDoor } from '../../web/answering/answering.ts';
import type { Restraining } from '../../web/restraining/restraining.ts';
import { shownError } from '../shown-error.ts';
import { browserSignIn } from '../wire.ts';

/** What a web server takes from people beside showing. */
export interface Taking {
  readonly answering: Answering;
  readonly restraining: Restraining;
}

export const NOTHING: Taking = { answering: { kind: 'none' }, restraining: { kind: 'none' } };

/** Without a configuration it can only show. Throws {@link ConfigError} for one that is named and missing, or wrong. */
export async function takingBy(path: string | undefined): Promise<Taking> {
  try {
    const { approvers } = await loadConfig(path);
    const answering = await answeringBy(approvers);
    return { answering, restraining: restrainingBy(answering) };
  } catch (error) {
    if (path === undefined && error instanceof ConfigError && error.code === 'config-missing') return NOTHING;
    throw error;
  }
}

async function answeringBy(approvers: Approvers): Promise<Answering> {
  if (approvers.kind === 'unproven') return approvers;
  const { people, identity } = approvers;
  if (people.length === 0 && identity === undefined) return { kind: 'none' };
  const keys = people.length > 0 ? 'offered' : 'none';
  return identity === undefined ? { kind: 'proven', keys } : { kind: 'proven', keys, identity: await doorTo(identity) };
}

/** Where people can sign in they have to. */
function restrainingBy(answering: Answering): Restraining {
  const issuer = answering.kind === 'proven' ? answering.identity?.issuer : undefined;
  return issuer === undefined ? { kind: 'named' } : { kind: 'signed-in', issuer };
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
