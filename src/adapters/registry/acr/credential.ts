/** Who the adapters act as: always an identity of Microsoft Entra ID, never a password of the registry. */
import type { TokenCredential } from '@azure/core-auth';

/**
 * With a client id: that managed identity (or, on AKS, that federated workload identity) and no other, so that a worker
 * never falls back to whoever happens to be logged in. Without: what `DefaultAzureCredential` finds.
 * Looks for nothing before the first token is asked for.
 */
export function acrCredential(clientId?: string): TokenCredential {
  let found: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      const credential = await (found ??= find(clientId));
      return credential.getToken(scopes, options);
    },
  };
}

async function find(clientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  return clientId === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential({ clientId });
}
