/** Credentials for one API server, each account's in a file of its own below `dir`. */
import { join } from 'node:path';
import { type Account, grantAccess, grantNodeAccess, NODE_ACCOUNT } from './access.ts';
import type { KubeApi } from './kube-api.ts';
import { writeAccountKubeconfig } from './kubeconfig.ts';

export interface Credentials {
  /** Creates namespace, account and rights if needed; answers the path of a kubeconfig that can do just that. */
  kubeconfigFor(account: Account): Promise<string>;
  /** The credential of the simulated nodes. */
  nodeKubeconfig(): Promise<string>;
}

/** Handed out by `admin`, who may do everything there. */
export function credentialsIn(dir: string, admin: KubeApi): Credentials {
  const kubeconfig = async (account: Pick<Account, 'namespace' | 'name'>): Promise<string> => {
    const path = join(dir, `${account.namespace}.${account.name}.kubeconfig`);
    await writeAccountKubeconfig(admin, account, path);
    return path;
  };
  return {
    async kubeconfigFor(account) {
      await grantAccess(admin, account);
      return kubeconfig(account);
    },
    async nodeKubeconfig() {
      await grantNodeAccess(admin);
      return kubeconfig(NODE_ACCOUNT);
    },
  };
}
