/** The record of a service's last good promotion: one ConfigMap beside the service itself. */
import type { ManifestObject } from '../../../domain/manifest-object.ts';
import type { ReleaseRecords } from '../../../ports/release-records.ts';
import type { ApiClient } from './api-client.ts';
import { applyOne } from './apply.ts';
import type { Discovery } from './discovery.ts';

const KEY = 'record.json';
const NOT_FOUND = 404;

export function createRecords(api: ApiClient, discovery: Discovery): ReleaseRecords {
  return {
    async read(namespace, service) {
      const name = recordName(service);
      const asked = { verb: 'get', resource: 'configmaps', namespace, what: `configmap/${name}` };
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${name}`;
      const request = { method: 'GET', path, asked, signal: NEVER } as const;
      const { code, body } = await api.call(request, [NOT_FOUND]);
      return code === NOT_FOUND ? undefined : (body as { data?: Record<string, string> }).data?.[KEY];
    },
    async write(namespace, service, record) {
      await applyOne(api, discovery, recordObject(service, record), namespace, { dryRun: false, signal: NEVER });
    },
  };
}

/** These calls are short and bounded by the client itself. */
const NEVER = new AbortController().signal;

/** `service` is an RFC 1123 label (`src/domain/names.ts`). */
function recordName(service: string): string {
  return `sluice-record-${service}`;
}

function recordObject(service: string, record: string): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: recordName(service),
      labels: { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/service': service },
    },
    data: { [KEY]: record },
  };
}
