/** As much of the client as showing needs. What hands on answers is `answering/forward.ts` alone. */
import type { ReleaseClient } from '../client/index.ts';

export type Reader = Pick<ReleaseClient, 'status' | 'promotion' | 'watch' | 'page' | 'board' | 'underWay' | 'desks'>;

/** Opens a connection when it is first needed, and again when that failed: the server may start before the engine does. */
export function lazily<Client>(open: () => Promise<Client>): () => Promise<Client> {
  let opened: Promise<Client> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
