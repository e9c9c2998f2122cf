/** Who the adapters act as: always an identity of Microsoft Entra ID, never a password of the registry. */
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

/**
 * With a client id: that managed identity (or, on AKS, that federated workload identity) and no other, so that a worker
 * never falls back to whoever happens to be logged in. Without: what `DefaultAzureCredential` finds.
 */
export function acrCredential(clientId?: string): TokenCredential {
  return clientId === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential({ clientId });
}
