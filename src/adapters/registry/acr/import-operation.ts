/**
 * `registries/importImage` of Azure Resource Manager (api-version 2025-11-01) as two calls: submit once, and look once.
 * The state between them is text, so that another process can look.
 */
import type { TokenCredential } from '@azure/core-auth';
import type { ContainerRegistryManagementClient, ImportImageParameters } from '@azure/arm-containerregistry';
import { trust } from './trust.ts';

export interface ImportOperationOptions {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  /** `https://management.azure.com`, that of a national cloud, or an emulator's. */
  readonly resourceManager: string;
  readonly credential: TokenCredential;
  readonly ca?: string | undefined;
  readonly requestTimeoutMs: number;
}

/** How an operation stands: `state` is what to go on with. */
export type OperationView =
  { readonly done: false; readonly state: string } | { readonly done: true; readonly said: EndedOperation };

/** The body of the final answer, when there was one. Its `status` may say `Failed` under HTTP 200. */
export interface EndedOperation {
  readonly status?: string;
  readonly code?: string;
  readonly message?: string;
}

export interface ImportOperations {
  /**
   * Sends the POST exactly once: no retries here, whatever the answer. Resolves to the state of the accepted operation,
   * undefined when the service says that it is done already.
   */
  submit(parameters: ImportImageParameters, signal: AbortSignal): Promise<string | undefined>;
  /** One poll. */
  look(state: string, signal: AbortSignal): Promise<OperationView>;
}

/** Audiences of the clouds whose ARM endpoint is not the audience that tokens for anything else (an emulator, a proxy) name. */
const OWN_AUDIENCE = ['management.chinacloudapi.cn', 'management.usgovcloudapi.net'];
const PUBLIC_AUDIENCE = 'https://management.azure.com';

export function createImportOperations(options: ImportOperationOptions): ImportOperations {
  let submitting: Promise<ContainerRegistryManagementClient> | undefined;
  let polling: Promise<ContainerRegistryManagementClient> | undefined;
  return {
    async submit(parameters, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]);
      const client = await (submitting ??= armClient(options, 0));
      const poller = client.registries.importImage(options.resourceGroup, options.name, parameters, {
        abortSignal: bounded,
      });
      await poller.submitted();
      return poller.isDone ? undefined : poller.serialize();
    },
    async look(state, signal) {
      let said: EndedOperation = {};
      // A poll may be repeated; the client waits out a Retry-After for us.
      const client = await (polling ??= armClient(options, 3));
      const { restorePoller } = await import('@azure/arm-containerregistry');
      const poller = restorePoller(client, state, client.registries.importImage, {
        // The client takes a final 200 for success without reading it.
        processResponseBody: (answer: { readonly body?: unknown }): Promise<void> => {
          said = endedOf(answer.body);
          return Promise.resolve();
        },
      });
      await poller.poll({ abortSignal: signal });
      return poller.isDone ? { done: true, said } : { done: false, state: await poller.serialize() };
    },
  };
}

export function armAudience(resourceManager: string): string {
  return OWN_AUDIENCE.includes(new URL(resourceManager).hostname) ? new URL(resourceManager).origin : PUBLIC_AUDIENCE;
}

/** Loaded when needed: most callers only read, and the package takes longer to load than they to answer. */
async function armClient(
  options: ImportOperationOptions,
  maxRetries: number,
): Promise<ContainerRegistryManagementClient> {
  const { ContainerRegistryManagementClient } = await import('@azure/arm-containerregistry');
  return new ContainerRegistryManagementClient(options.credential, options.subscription, {
    endpoint: options.resourceManager,
    tlsOptions: trust(options.ca),
    credentials: { scopes: [`${armAudience(options.resourceManager)}/.default`] },
    retryOptions: { maxRetries, retryDelayInMs: 500, maxRetryDelayInMs: 5000 },
  });
}

function endedOf(body: unknown): EndedOperation {
  if (typeof body !== 'object' || body === null) return {};
  const { status, error } = body as { readonly status?: unknown; readonly error?: unknown };
  const { code, message } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...(typeof status === 'string' ? { status } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
