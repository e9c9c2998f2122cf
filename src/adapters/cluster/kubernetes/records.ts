/** What the environment remembers of a service: one ConfigMap each beside the service itself. */
import { FIELD_MANAGER } from '../../../domain/field-manager.ts';
import type { ManifestObject } from '../../../domain/manifest-object.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ReleaseRecords, Remembered } from '../../../ports/release-records.ts';
import type { Asked } from './api-answers.ts';
import type { ApiClient } from './api-client.ts';
import { APPLY_PATCH, applyOne } from './apply.ts';
import type { Discovery } from './discovery.ts';

const NOT_FOUND = 404;
const CONFLICT = 409;
/** So many in a row who were quicker are no promotions. */
const MOST_TRIES = 20;

export function createRecords(api: ApiClient, discovery: Discovery): ReleaseRecords {
  return {
    async read(about, namespace, service) {
      return (await look(api, { about, namespace, service }))?.text;
    },
    async write(about, namespace, service, json) {
      const object = configMap({ about, namespace, service }, json);
      await applyOne(api, discovery, object, namespace, { dryRun: false, signal: NEVER });
    },
    async change(about, namespace, service, decide) {
      const where = { about, namespace, service };
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const found = await look(api, where);
        const text = decide(found?.text);
        if (text === undefined) return;
        const code = await (found === undefined ? create(api, where, text) : replace(api, where, text, found));
        if (code !== CONFLICT) return;
      }
      const message = `configmap/${nameOf(where)} was written by others ${MOST_TRIES} times meanwhile`;
      throw new PortError('apply-conflict', message, { retry: 'yes', remedy: 'find out who else writes this object' });
    },
  };
}

interface Where {
  readonly about: Remembered;
  readonly namespace: string;
  readonly service: string;
}

interface Found {
  readonly text: string | undefined;
  readonly resourceVersion: string;
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata: { readonly resourceVersion: string };
}

async function look(api: ApiClient, where: Where): Promise<Found | undefined> {
  const request = { method: 'GET', path: pathOf(where), asked: askedFor('get', where), signal: NEVER } as const;
  const { code, body } = await api.call(request, [NOT_FOUND]);
  if (code === NOT_FOUND) return undefined;
  const { data, metadata } = body as ConfigMap;
  return { text: data?.[keyOf(where)], resourceVersion: metadata.resourceVersion };
}

/** Refused by the server when somebody has made one meanwhile; a patch would overwrite it. */
async function create(api: ApiClient, where: Where, text: string): Promise<number> {
  const path = collectionOf(where);
  const body = JSON.stringify(configMap(where, text));
  const query = { fieldManager: FIELD_MANAGER };
  const asked = askedFor('create', where);
  return (await api.call({ method: 'POST', path, query, body, asked, signal: NEVER }, [CONFLICT])).code;
}

/** Refused by the server when another version stands there by now. A patch like all that Sluice writes: an update needs another right. */
async function replace(api: ApiClient, where: Where, text: string, { resourceVersion }: Found): Promise<number> {
  const object = configMap(where, text);
  const body = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion } });
  const query = { fieldManager: FIELD_MANAGER, force: 'true' };
  const written = { method: 'PATCH', path: pathOf(where), query, contentType: APPLY_PATCH, body } as const;
  return (await api.call({ ...written, asked: askedFor('patch', where), signal: NEVER }, [CONFLICT])).code;
}

/** These calls are short and bounded by the client itself. */
const NEVER = new AbortController().signal;

function askedFor(verb: string, where: Where): Asked {
  return { verb, resource: 'configmaps', namespace: where.namespace, what: `configmap/${nameOf(where)}` };
}

function collectionOf({ namespace }: Where): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
}

function pathOf(where: Where): string {
  return `${collectionOf(where)}/${nameOf(where)}`;
}

/** `service` is an RFC 1123 label (`src/domain/names.ts`). */
function nameOf({ about, service }: Where): string {
  return `sluice-${about}-${service}`;
}

/** Where in its ConfigMap the text stands. */
function keyOf({ about }: Where): string {
  return `${about}.json`;
}

function configMap(where: Where, text: string): ManifestObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(where),
      labels: { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/service': where.service },
    },
    data: { [keyOf(where)]: text },
  };
}
