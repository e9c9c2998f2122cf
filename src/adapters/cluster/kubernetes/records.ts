/** What the environment remembers of a service's promotions: one ConfigMap each beside the service itself. */
import type { ManifestObject } from '../../../domain/manifest-object.ts';
import type { ReleaseRecords } from '../../../ports/release-records.ts';
import type { ApiClient } from './api-client.ts';
import { applyOne } from './apply.ts';
import type { Discovery } from './discovery.ts';

/** What it is about, and where in its ConfigMap the text stands. */
type Kind = 'record' | 'admission';
const KEYS: Readonly<Record<Kind, string>> = { record: 'record.json', admission: 'admission.json' };
const NOT_FOUND = 404;

export function createRecords(api: ApiClient, discovery: Discovery): ReleaseRecords {
  async function read(kind: Kind, namespace: string, service: string): Promise<string | undefined> {
    const name = nameOf(kind, service);
    const asked = { verb: 'get', resource: 'configmaps', namespace, what: `configmap/${name}` };
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${name}`;
    const request = { method: 'GET', path, asked, signal: NEVER } as const;
    const { code, body } = await api.call(request, [NOT_FOUND]);
    return code === NOT_FOUND ? undefined : (body as { data?: Record<string, string> }).data?.[KEYS[kind]];
  }
  async function write(kind: Kind, namespace: string, service: string, text: string): Promise<void> {
    await applyOne(api, discovery, configMap(kind, service, text), namespace, { dryRun: false, signal: NEVER });
  }
  return {
    read: (namespace, service) => read('record', namespace, service),
    write: (namespace, service, record) => write('record', namespace, service, record),
    readAdmission: (namespace, service) => read('admission', namespace, service),
    writeAdmission: (namespace, service, admission) => write('admission', namespace, service, admission),
  };
}

/** These calls are short and bounded by the client itself. */
const NEVER = new AbortController().signal;

/** `service` is an RFC 1123 label (`src/domain/names.ts`). */
function nameOf(kind: Kind, service: string): string {
  return `sluice-${kind}-${service}`;
}

function configMap(kind: Kind, service: string, text: string): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(kind, service),
      labels: { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/service': service },
    },
    data: { [KEYS[kind]]: text },
  };
}
