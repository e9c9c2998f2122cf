import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unpackManifests } from '../../../src/manifests/artefact.ts';
import { renderManifests } from '../../../src/manifests/render.ts';
import { packedWithoutSecrets, withoutSecretValues } from '../../../src/manifests/without-secret-values.ts';

const file = (text: string) => ({ path: 'dev/iam.yaml', bytes: Buffer.from(text) });
const textOf = (text: string): string => Buffer.from(withoutSecretValues(file(text)).bytes).toString();

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: iam }   # as it is\ndata:\n  LEVEL: debug\n';
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: iam\n';

describe('when manifests are written down where others read', () => {
  test('a file without Secrets stays as it is, to the byte', () => {
    assert.equal(textOf(CONFIG), CONFIG);
    const mentions = CONFIG.replace('debug', 'secret');
    assert.equal(textOf(mentions), mentions);
  });

  for (const [what, text] of [
    ['data', `${SECRET}data:\n  password: aHVudGVyMg==\n`],
    ['stringData', `${SECRET}stringData:\n  password: hunter2\n`],
    ['a text of several lines', `${SECRET}stringData:\n  password: |\n    hunter2\n    aHVudGVyMg==\n`],
    ['JSON', `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"iam"},"data":{"password":"aHVudGVyMg=="}}`],
    [
      'a List',
      `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Secret, metadata: {name: iam}, data: {password: aHVudGVyMg==}}\n`,
    ],
    ['the second document', `${CONFIG}---\n${SECRET}data:\n  password: aHVudGVyMg==\n`],
    ['what is no mapping', `${SECRET}stringData: hunter2\n`],
    [
      'another kind that has some',
      'apiVersion: example.test/v1\nkind: Vault\nmetadata: { name: iam }\nspec:\n  stringData: { password: hunter2 }\n',
    ],
  ] as const) {
    test(`the values of a Secret are left out: ${what}`, () => {
      const left = textOf(text);
      assert.doesNotMatch(left, /hunter2|aHVudGVyMg/);
      assert.match(left, /Secret|Vault/);
    });
  }

  test('what is left can be tried on a cluster: the same objects, with the same keys', async () => {
    const files = [file(`${CONFIG}---\n${SECRET}type: Opaque\nstringData:\n  password: hunter2\n  user: iam\n`)];
    const unpacked = await unpackManifests(Buffer.from(await packedWithoutSecrets(files), 'base64'));
    const rules = { environment: 'dev', namespace: 'iam', repository: 'iam', image: 'x/iam', workloads: [], rules: {} };
    const rendered = renderManifests({ files: unpacked, ...rules });
    assert.ok(rendered.ok, JSON.stringify(rendered));
    const [config, secret] = rendered.objects;
    assert.deepEqual([config?.kind, config?.['data']], ['ConfigMap', { LEVEL: 'debug' }]);
    assert.deepEqual([secret?.kind, Object.keys(secret?.['stringData'] as object)], ['Secret', ['password', 'user']]);
  });
});
