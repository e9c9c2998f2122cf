/** A connection for the length of one command. */
import { type ReleaseClient, connect } from '../client/index.ts';
import { currentUser, temporalAccess } from '../config/load.ts';

export async function withClient<Result>(use: (client: ReleaseClient) => Promise<Result>): Promise<Result> {
  const { address, namespace, connection } = temporalAccess();
  const client = await connect({ address, namespace, connection, user: await currentUser() });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
