/** What approvers are shown of the manifests: true, without secrets, and never more than can be read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keysOf } from '../../../src/domain/json-pointer.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import { manifestChanges } from '../../../src/manifests/changes.ts';
import { type Difference, differences } from '../../../src/manifests/differences.ts';
import type { Path } from '../../../src/manifests/parse.ts';

function anObject(kind: string, name: string, rest: object = {}, apiVersion = 'v1'): ManifestObject {
  return { apiVersion, kind, metadata: { name, namespace: 'iam' }, ...rest };
}

function aDeployment(env: readonly object[], more: object = {}): ManifestObject {
  const spec = { template: { spec: { containers: [{ name: 'iam', image: 'r/iam@sha256:aa', env }] } }, ...more };
  return anObject('Deployment', 'iam', { spec }, 'apps/v1');
}

const ENV = '/spec/template/spec/containers/0/env';

function valuesOf(before: ManifestObject, after: ManifestObject) {
  const { objects } = manifestChanges([before], [after]);
  assert.equal(objects.length, 1);
  return objects[0]?.values ?? [];
}

/** Does to `value` what the differences say, one after the other. */
function applied(value: unknown, found: readonly Difference[]): unknown {
  const holder: { root: unknown } = { root: structuredClone(value) };
  for (const { path, before, after } of found) {
    const keys: Path = ['root', ...path];
    const key = keys.at(-1) as string | number;
    const parent = keys.slice(0, -1).reduce<unknown>((at, one) => (at as Record<string, unknown>)[one], holder);
    if (Array.isArray(parent) && typeof key === 'number' && (before === undefined || after === undefined))
      parent.splice(key, before === undefined ? 0 : 1, ...(after === undefined ? [] : [after.value]));
    else if (after === undefined) delete (parent as Record<string, unknown>)[key];
    else (parent as Record<string, unknown>)[key] = after.value;
  }
  return holder.root;
}

describe('the differences of two values', () => {
  const leaf = fc.oneof(
    fc.constantFrom('a', 'b', 'c'),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 5 }),
      fc.array(fc.record({ name: fc.constantFrom('x', 'y', 'z'), value: tie('tree') }), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom('name', 'p', 'q', 'r/s', '~t'), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('make the one into the other', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        assert.deepEqual(plain(applied(before, differences(before, after))), plain(after));
      }),
      { numRuns: 2_000 },
    );
  });

  it('say where each old value stood, also where lists have moved it', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        for (const { before: was } of differences(before, after)) {
          if (was === undefined) continue;
          const stood = was.at.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], before);
          assert.equal(stood, was.value);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are none exactly where the values are equal', () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        assert.deepEqual(differences(before, structuredClone(before)), []);
        const isEqual = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
        assert.equal(differences(before, after).length === 0, isEqual);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the changes of manifests', () => {
  it('name what is new, what is gone and what changes, and count what stays', () => {
    const kept = anObject('Service', 'iam', { spec: { type: 'ClusterIP' } });
    const before = [kept, anObject('ConfigMap', 'old'), aDeployment([], { replicas: 2 })];
    const after = [anObject('ConfigMap', 'new'), structuredClone(kept), aDeployment([], { replicas: 3 })];
    const changes = manifestChanges(before, after, '1.0.0');
    assert.deepEqual(
      changes.objects.map(({ ref, change, values }) => [change, ref.kind, ref.name, values]),
      [
        ['added', 'ConfigMap', 'new', []],
        ['changed', 'Deployment', 'iam', [{ path: '/spec/replicas', before: '2', after: '3' }]],
        ['removed', 'ConfigMap', 'old', []],
      ],
    );
    assert.deepEqual([changes.against, changes.same, changes.more], ['1.0.0', 1, 0]);
  });

  it('are none where nothing changes', () => {
    const all = [aDeployment([{ name: 'A', value: 'x' }]), anObject('Secret', 's', { data: { k: 'eA==' } })];
    assert.deepEqual(manifestChanges(all, structuredClone(all)), { objects: [], same: 2, more: 0 });
  });

  it('show a variable by its name, wherever it stands in the list', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((name) => ({ name, value: 'x' })) as [object, object, object];
    assert.deepEqual(valuesOf(aDeployment([a, b]), aDeployment([c, a, { ...b, value: 'y' }])), [
      { path: `${ENV}/0`, after: '{"name":"C","value":"x"}' },
      { path: `${ENV}/2/value`, before: '"x"', after: '"y"' },
    ]);
    assert.deepEqual(valuesOf(aDeployment([a, b, c]), aDeployment([b, c])), [
      { path: `${ENV}/0`, before: '{"name":"A","value":"x"}' },
    ]);
  });

  it('show a text of several lines line by line', () => {
    const config = (...lines: readonly string[]) =>
      anObject('ConfigMap', 'c', { data: { 'app.yaml': lines.join('\n') } });
    const path = '/data/app.yaml';
    assert.deepEqual(valuesOf(config('a', 'b', 'c', 'd', ''), config('new', 'a', 'b', 'C', 'd', '')), [
      { path, line: 1, after: 'new' },
      { path, line: 4, before: 'c', after: 'C' },
    ]);
    assert.deepEqual(valuesOf(config('a', 'b', ''), config('a', '')), [{ path, line: 2, before: 'b' }]);
  });

  it('tell one type of value from another, and escape what stands in a key', () => {
    const before = anObject('ConfigMap', 'c', { data: { 'a/b~c': true } });
    const [value] = valuesOf(before, anObject('ConfigMap', 'c', { data: { 'a/b~c': 'true' } }));
    assert.deepEqual(value, { path: '/data/a~1b~0c', before: 'true', after: '"true"' });
    assert.deepEqual(keysOf(value?.path ?? ''), ['data', 'a/b~c']);
  });

  it('are the same object where only the version of its API is another', () => {
    const [one, other] = ['autoscaling/v1', 'autoscaling/v2'].map((version) => anObject('HPA', 'iam', {}, version));
    assert.deepEqual(valuesOf(one as ManifestObject, other as ManifestObject), [
      { path: '/apiVersion', before: '"autoscaling/v1"', after: '"autoscaling/v2"' },
    ]);
  });

  it('never show what a secret contains, in whatever kind of object it stands', () => {
    const hidden = (kind: string, key: string) => (value: string) =>
      anObject(kind, 'x', {
        [key]: { password: value },
        metadata: { name: 'x', namespace: 'iam', annotations: { value } },
      });
    for (const [kind, key] of [
      ['Secret', 'data'],
      ['Secret', 'stringData'],
      ['SealedSecret', 'encryptedData'],
      ['Vault', 'stringData'],
    ] as const) {
      const made = hidden(kind, key);
      const changes = manifestChanges([made('swordfish')], [made('hunter2')]);
      const values = changes.objects[0]?.values ?? [];
      assert.deepEqual(
        values.find((one) => one.path === `/${key}/password`),
        { path: `/${key}/password`, hidden: true },
      );
      if (kind !== 'Vault') assert.doesNotMatch(JSON.stringify(changes), /swordfish|hunter2/);
    }
    const nested = (template?: object) => anObject('Vault', 'x', { spec: { template } });
    const added = manifestChanges([nested({})], [nested({ stringData: { password: 'hunter2' } })]);
    assert.doesNotMatch(JSON.stringify(added), /hunter2/);
  });

  it('show where long values differ, and not all of them', () => {
    const long = (end: string) => anObject('ConfigMap', 'c', { data: { k: `${'x'.repeat(5_000)}${end}` } });
    const [value] = valuesOf(long('one'), long('two'));
    assert.match(value?.before ?? '', /^…x+one"$/);
    assert.match(value?.after ?? '', /^…x+two"$/);
    assert.ok((value?.after ?? '').length < 300);
  });

  it('stay small however much changes, say how much is left out, and let no object hide behind another', () => {
    const big = (mark: string) => {
      const data = Object.fromEntries(
        Array.from({ length: 3_000 }, (_, at) => [`${'k'.repeat(600)}${at}`, `${mark}${'ü'.repeat(900)}`]),
      );
      return [anObject('ConfigMap', 'big', { data }), aDeployment([{ name: 'LEVEL', value: mark }])];
    };
    const changes = manifestChanges(big('a'), big('b'));
    assert.ok(Buffer.byteLength(JSON.stringify(changes)) < 24_000, JSON.stringify(changes).length.toString());
    const [config, deployment] = changes.objects;
    assert.equal((config?.values.length ?? 0) + (config?.more ?? 0), 3_000);
    assert.ok((config?.more ?? 0) > 2_900);
    assert.deepEqual(deployment?.values, [{ path: `${ENV}/0/value`, before: '"a"', after: '"b"' }]);

    const sealed = (mark: string) => [
      anObject('Secret', 's', { data: { ['k'.repeat(40_000)]: mark } }),
      aDeployment([{ name: 'LEVEL', value: mark }]),
    ];
    assert.equal(manifestChanges(sealed('a'), sealed('b')).objects[1]?.values.length, 1);

    const many = Array.from({ length: 1_000 }, (_, at) => anObject('ConfigMap', `${'n'.repeat(240)}${at}`));
    const gone = manifestChanges(many, []);
    assert.ok(Buffer.byteLength(JSON.stringify(gone)) < 24_000);
    assert.equal(gone.objects.length + gone.more, 1_000);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
