/** Begins an import as the identity of its process's environment, prints the ticket, and stays until it is killed. */
import { acrCredential } from '../../../src/adapters/registry/acr/credential.ts';
import { acrResourceId, createAcr } from '../../../src/adapters/registry/acr/create-acr.ts';
import type { ImportRequest } from '../../../src/ports/registry-importer.ts';

interface Place {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly loginServer: string;
}

interface Settings {
  readonly registry: Place;
  readonly source: Place;
  readonly resourceManager: string;
  readonly ca: string;
  readonly clientId: string;
  readonly request: ImportRequest;
}

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const { importer } = createAcr({
  ...settings.registry,
  resourceManager: settings.resourceManager,
  ca: settings.ca,
  credential: acrCredential(settings.clientId),
  sources: { dev: { resourceId: acrResourceId(settings.source), loginServer: settings.source.loginServer } },
});
process.stdout.write(await importer.begin(settings.request, new AbortController().signal));
// Longer than any test; the parent kills it.
setTimeout(() => undefined, 60_000);
