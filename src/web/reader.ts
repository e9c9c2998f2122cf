/** As much of the client as a server needs that only shows: it could not answer for anybody if it wanted to. */
import type { ReleaseClient } from '../client/index.ts';

export type Reader = Pick<ReleaseClient, 'status' | 'watch' | 'page' | 'board' | 'places'>;

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
