/** What the environment remembers of a service: one ConfigMap each beside the service itself. */
import type { ManifestObject } from '../../../domain/manifest-object.ts';
import type { ReleaseRecords, Remembered } from '../../../ports/release-records.ts';
import type { ApiClient } from './api-client.ts';
import { applyOne } from './apply.ts';
import type { Discovery } from './discovery.ts';

const NOT_FOUND = 404;

export function createRecords(api: ApiClient, discovery: Discovery): ReleaseRecords {
  return {
    async read(about, namespace, service) {
      const name = nameOf(about, service);
      const asked = { verb: 'get', resource: 'configmaps', namespace, what: `configmap/${name}` };
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${name}`;
      const request = { method: 'GET', path, asked, signal: NEVER } as const;
      const { code, body } = await api.call(request, [NOT_FOUND]);
      return code === NOT_FOUND ? undefined : (body as { data?: Record<string, string> }).data?.[keyOf(about)];
    },
    async write(about, namespace, service, json) {
      await applyOne(api, discovery, configMap(about, service, json), namespace, { dryRun: false, signal: NEVER });
    },
  };
}

/** These calls are short and bounded by the client itself. */
const NEVER = new AbortController().signal;

/** `service` is an RFC 1123 label (`src/domain/names.ts`). */
function nameOf(about: Remembered, service: string): string {
  return `sluice-${about}-${service}`;
}

/** Where in its ConfigMap the text stands. */
function keyOf(about: Remembered): string {
  return `${about}.json`;
}

function configMap(about: Remembered, service: string, text: string): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(about, service),
      labels: { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/service': service },
    },
    data: { [keyOf(about)]: text },
  };
}
