/** Kubeconfigs of accounts: JSON (which is YAML too), readable by the owner alone. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { type Account, isTokenOf, requestToken } from './access.ts';
import { type Endpoint, type KubeApi, kubeApi, readKubeconfig } from './kube-api.ts';

const CLUSTER = 'sluice-local';

/**
 * Writes the account's kubeconfig to `path`. A token left there by an earlier run is kept while it is valid, so that a
 * program which holds it goes on working.
 */
export async function writeAccountKubeconfig(
  admin: KubeApi,
  account: Pick<Account, 'namespace' | 'name'>,
  path: string,
): Promise<void> {
  const token = (await tokenLeft(admin, account, path)) ?? (await requestToken(admin, account));
  await writeKubeconfig(path, { ...admin.endpoint, token }, account);
}

async function tokenLeft(
  admin: KubeApi,
  account: Pick<Account, 'namespace' | 'name'>,
  path: string,
): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const { token } = readKubeconfig(path);
  const api = kubeApi({ ...admin.endpoint, token });
  try {
    return (await isTokenOf(api, account)) ? token : undefined;
  } finally {
    api.close();
  }
}

async function writeKubeconfig(
  path: string,
  endpoint: Endpoint,
  account: Pick<Account, 'namespace' | 'name'>,
): Promise<void> {
  const { server, ca, token } = endpoint;
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CLUSTER,
    clusters: [{ name: CLUSTER, cluster }],
    users: [{ name: account.name, user: { token } }],
    contexts: [{ name: CLUSTER, context: { cluster: CLUSTER, user: account.name, namespace: account.namespace } }],
  };
  await writeFile(`${path}.tmp`, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
