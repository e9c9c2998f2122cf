/**
 * `@azure/container-registry`, for what only ACR has: attributes, untagging. One client per repository and right, because each
 * keeps a single access token, whatever its scope: sharing would cost a refusal and a new token at each turn.
 */
import type { ContainerRegistryClient, ContainerRepository, RegistryArtifact } from '@azure/container-registry';
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
  /** The same of a repository as a whole: to read, nothing else. */
  askRepository<T>(
    repository: string,
    what: string,
    call: (repository: ContainerRepository, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
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

  async function asking<T>(
    right: AttributeRight,
    what: string,
    call: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const attempt: Attempt = {
      ...{ what, right, host: options.loginServer },
      scope: options.resourceId ?? options.loginServer,
    };
    return retrying(options.retries ?? SHORT_RETRIES, async () => {
      try {
        return await call({ abortSignal: AbortSignal.timeout(timeoutMs) });
      } catch (thrown) {
        throw errorOfSdk(attempt, thrown);
      }
    });
  }

  return {
    async ask(right, { repository, reference, what }, call) {
      checkRepository(repository);
      const artefact = (await clientFor(repository, right)).getArtifact(repository, reference);
      const whole = `${what} ${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
      return asking(right, whole, (limits) => call(artefact, limits));
    },
    async askRepository(repository, what, call) {
      checkRepository(repository);
      const named = (await clientFor(repository, 'read-attributes')).getRepository(repository);
      return asking('read-attributes', `${what} ${repository}`, (limits) => call(named, limits));
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
