/** Azure Container Registry behind the registry ports: the only function of this folder that builds anything. */
import type { TokenCredential } from '@azure/core-auth';
import type { ArtefactPublisher } from '../../../ports/artefact-publisher.ts';
import type { ImageLocks } from '../../../ports/image-locks.ts';
import type { RegistryImporter } from '../../../ports/registry-importer.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { RegistryRemover } from '../../../ports/registry-remover.ts';
import { IMPORT_DEADLINE_MS, importerOn, POLL_LONGEST_MS } from './acr-importer.ts';
import { locksOn } from './acr-locks.ts';
import { publisherOn } from './acr-publisher.ts';
import { readerOn } from './acr-reader.ts';
import { removerOn } from './acr-remover.ts';
import { createAttributeClients } from './attribute-clients.ts';
import type { ImportSource } from './import-failures.ts';
import { createImportOperations } from './import-operation.ts';
import { createOciClient, type OciClientOptions, REQUEST_TIMEOUT_MS } from './oci-client.ts';

export interface AcrOptions extends Omit<OciClientOptions, 'resourceId'> {
  /** Resource name, e.g. `onestreamdev`. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  /** Azure Resource Manager, e.g. `https://management.azure.com`. */
  readonly resourceManager: string;
  readonly credential: TokenCredential;
  /** Registries to import from, by environment. */
  readonly sources: Readonly<Record<string, ImportSource>>;
  /** After this long an import that has not ended is `import-stuck`; 20 minutes unless given. */
  readonly importDeadlineMs?: number | undefined;
  /** Longest pause between two looks at an import; 3 s unless given, the first is 0.05 s. */
  readonly pollLongestMs?: number | undefined;
}

export interface Acr {
  readonly reader: RegistryReader;
  readonly importer: RegistryImporter;
  readonly locks: ImageLocks;
  readonly remover: RegistryRemover;
  readonly publisher: ArtefactPublisher;
}

/** Connects nothing yet: the first call does. */
export function createAcr(options: AcrOptions): Acr {
  const resourceId = acrResourceId(options);
  const client = createOciClient({ ...options, resourceId });
  const attributes = createAttributeClients({ ...options, resourceId });
  const operations = createImportOperations({
    ...options,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
  });
  const reader = readerOn(client);
  return {
    reader,
    importer: importerOn({
      resourceId,
      resourceManager: options.resourceManager,
      sources: options.sources,
      operations,
      reader,
      deadlineMs: options.importDeadlineMs ?? IMPORT_DEADLINE_MS,
      pollLongestMs: options.pollLongestMs ?? POLL_LONGEST_MS,
    }),
    locks: locksOn(attributes),
    remover: removerOn(attributes),
    publisher: publisherOn(client),
  };
}

/** Reading only, e.g. as the identity with which a cluster's nodes pull. */
export function createAcrReader(options: OciClientOptions): RegistryReader {
  return readerOn(createOciClient(options));
}

/** Name of a registry in Azure Resource Manager. */
export function acrResourceId(registry: {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}): string {
  const group = `/subscriptions/${registry.subscription}/resourceGroups/${registry.resourceGroup}`;
  return `${group}/providers/Microsoft.ContainerRegistry/registries/${registry.name}`;
}
