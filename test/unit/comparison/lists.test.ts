import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placeOf, readObjects } from '../../../src/comparison/lists.ts';
import { readIgnored } from '../../../src/comparison/read-ignored.ts';

const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'iam' } });

describe('when recorded objects are read', () => {
  test('a list as kubectl prints it is opened, in JSON and in YAML, and several documents as well', () => {
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object('a'), object('b')] });
    const yaml =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: iam }\n---\napiVersion: v1\nkind: ConfigMapList\nitems: []\n';
    const { objects, problems } = readObjects([
      { path: 'a.json', text: json },
      { path: 'b.yaml', text: yaml },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(objects.map(placeOf), ['configmap/a in iam', 'configmap/b in iam', 'configmap/c in iam']);
  });

  test('everything that is wrong is said at once: duplicates, what is no object, what cannot be read, what is empty', () => {
    const { problems } = readObjects([
      { path: 'a.json', text: JSON.stringify({ kind: 'List', items: [object('a'), object('a'), { kind: 'Pod' }] }) },
      { path: 'b.json', text: JSON.stringify(object('a')) },
      { path: 'c.json', text: '{' },
      { path: 'd.json', text: '' },
    ]);
    assert.deepEqual(
      problems.map(({ where, message }) =>
        `${where}: ${message}`.replace(/: is neither JSON nor YAML: .*/, ': is neither'),
      ),
      [
        'a.json: items[2] is no object of a cluster: apiVersion, kind or metadata.name is missing',
        'a.json: configmap/a in iam stands there twice',
        'b.json: configmap/a in iam stands there twice, also in a.json',
        'c.json: is neither',
        'd.json: is empty',
      ],
    );
    for (const { remedy } of problems) assert.ok(remedy);
  });

  test('one kind and name in two API groups are two objects, in two versions of one group the same', () => {
    const knative = { ...object('a'), kind: 'Service', apiVersion: 'serving.knative.dev/v1' };
    const read = (...items: object[]) =>
      readObjects([{ path: 'a.json', text: JSON.stringify({ kind: 'List', items }) }]);
    assert.deepEqual(read({ ...object('a'), kind: 'Service' }, knative).problems, []);
    const { problems } = read(knative, { ...knative, apiVersion: 'serving.knative.dev/v1beta1' });
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['service.serving.knative.dev/a in iam stands there twice'],
    );
  });

  test('what may differ needs a place and a reason', () => {
    assert.deepEqual(readIgnored('i.yaml', '- { path: /spec/replicas, reason: autoscaler }').problems, []);
    const { problems } = readIgnored('i.yaml', '- { path: spec, reason: x }\n- { path: /spec }');
    assert.ok(problems.length >= 3, JSON.stringify(problems));
  });
});
