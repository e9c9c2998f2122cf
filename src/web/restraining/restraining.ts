/**
 * Who may stop and hold with this server. Unlike an answer such a word proves nothing to the environment: it carries a name, as from
 * the command line. So the server itself has to know whose name that is.
 */
import type { ReleaseClient } from '../../client/index.ts';
import type { Visit } from '../answering/visit.ts';

/** As much of the client as handing on these words needs. */
export type Restrainer = Pick<ReleaseClient, 'stop' | 'thaw' | 'hold' | 'liftHold'>;

export type Restraining =
  /** It only shows. */
  | { readonly kind: 'none' }
  /** Whoever the identity provider vouches for, under that name and no other. */
  | { readonly kind: 'signed-in'; readonly issuer: string }
  /** Whoever sits at this machine, under the name that they write. */
  | { readonly kind: 'named' };

/** As a page offers it to this visit: names are taken on trust only where the page and the server are on one machine. */
export function restrainingAt({ local }: Pick<Visit, 'local'>, restraining: Restraining): Restraining {
  return restraining.kind === 'named' && !local ? { kind: 'none' } : restraining;
}
