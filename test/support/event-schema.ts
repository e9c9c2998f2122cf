/** The published schemas of what is sent: CloudEvents 1.0 (its required attributes), and our own data. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { SluiceEvent } from '../../src/domain/notification.ts';

const SCHEMA = new URL('../../schema/event-data.schema.json', import.meta.url);

export const DATA_PROPERTIES = JSON.parse(readFileSync(SCHEMA, 'utf8')) as {
  readonly $id: string;
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[]; readonly properties?: object }>>;
};

const ajv = new Ajv({ allErrors: true });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);
const isData: ValidateFunction = ajv.compile(DATA_PROPERTIES);

const CLOUD_EVENT = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'data'],
  additionalProperties: false,
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
    source: { type: 'string', format: 'uri-reference', minLength: 1 },
    type: { type: 'string', pattern: '^urn:x-sluice:event:(release|promotion|rollback|environment|test):[a-z-]+:v1$' },
    subject: { type: 'string', minLength: 1 },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    dataschema: { const: DATA_PROPERTIES.$id },
    data: { type: 'object' },
  },
};
const isCloudEvent: ValidateFunction = ajv.compile(CLOUD_EVENT);

/** Valid, and without a property that the schema does not describe. */
export function assertEvent(event: SluiceEvent): void {
  assert.ok(isCloudEvent(event), JSON.stringify(isCloudEvent.errors));
  assert.ok(isData(event.data), JSON.stringify(isData.errors));
  const { properties } = DATA_PROPERTIES;
  const strangers = (value: object | undefined, known: object = {}): readonly string[] =>
    Object.keys(value ?? {}).filter((key) => !(key in known));
  assert.deepEqual(strangers(event.data, properties), []);
  assert.deepEqual(strangers(event.data.waiting, properties['waiting']?.properties), []);
}
