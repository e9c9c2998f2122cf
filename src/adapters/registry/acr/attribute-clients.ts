/**
 * `@azure/container-registry`, for what only ACR has: attributes, untagging. One client per repository and right, because each
 * keeps a single access token, whatever its scope: sharing would cost a refusal and a new token at each turn.
 */
import type { ContainerRegistryClient, RegistryArtifact } from '@azure/container-registry';
import { isDigest } from '../../../domain/digest.ts';
import { type Attempt } from './errors.ts';
import { checkRepository, type OciClientOptions, REQUEST_TIMEOUT_MS } from './oci-client.ts';
import { ACR_AUDIENCE } from './oci-auth.ts';
import { retrying, SHORT_RETRIES } from './retrying.ts';
import type { Right } from './rights.ts';
import { errorOfSdk } from './sdk-errors.ts';
import { trust } from './trust.ts';

export type AttributeRight = Extract<Right, 'read-attributes' | 'write-attributes' | 'delete'>;

export interface AttributeClients {
  /** Calls the SDK and maps what it throws; short outages are retried, so `call` must bear repetition. */
  ask<T>(
    right: AttributeRight,
    subject: { readonly repository: string; readonly reference: string; readonly what: string },
    call: (artefact: RegistryArtifact, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T>;
}

export function createAttributeClients(options: OciClientOptions): AttributeClients {
  const clients = new Map<string, Promise<ContainerRegistryClient>>();
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;

  function clientFor(repository: string, right: AttributeRight): Promise<ContainerRegistryClient> {
    const key = `${repository} ${right}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    const client = createClient(options);
    clients.set(key, client);
    return client;
  }

  return {
    async ask(right, { repository, reference, what }, call) {
      checkRepository(repository);
      const attempt: Attempt = {
        what: `${what} ${repository}${isDigest(reference) ? '@' : ':'}${reference}`,
        host: options.loginServer,
        right,
        scope: options.resourceId ?? options.loginServer,
      };
      const artefact = (await clientFor(repository, right)).getArtifact(repository, reference);
      return retrying(options.retries ?? SHORT_RETRIES, async () => {
        try {
          return await call(artefact, { abortSignal: AbortSignal.timeout(timeoutMs) });
        } catch (thrown) {
          throw errorOfSdk(attempt, thrown);
        }
      });
    },
  };
}

/** Loaded when needed: most callers only read. */
async function createClient(options: OciClientOptions): Promise<ContainerRegistryClient> {
  const { ContainerRegistryClient } = await import('@azure/container-registry');
  return new ContainerRegistryClient(`https://${options.loginServer}`, options.credential, {
    audience: options.audience ?? ACR_AUDIENCE,
    tlsOptions: trust(options.ca),
    // One place decides about repetition (retrying.ts): the SDK would wait out any Retry-After.
    retryOptions: { maxRetries: 0 },
  });
}
