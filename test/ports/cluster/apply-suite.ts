/** What every Cluster does with manifests and Services. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ManifestObject, ObjectRef } from '../../../src/domain/manifest-object.ts';
import { refOf } from '../../../src/domain/manifest-object.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { configMap, deployment, sample, service } from './manifests.ts';
import type { ClusterSubject, MakeSubject, SuiteOptions } from './subject.ts';

const WRITE = { dryRun: false, signal: new AbortController().signal };
const DRY = { ...WRITE, dryRun: true };

export function applySuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`cluster, ${name}: applying and removing`, options, () => {
    let subject: ClusterSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    const createdFlags = async (objects: readonly ManifestObject[], namespace: string): Promise<boolean[]> =>
      (await subject.cluster.apply(objects, namespace, DRY)).map((one) => one.created);

    test('creates what is missing and says so, in the order of the set', async () => {
      const namespace = await subject.freshNamespace();
      const set = [deployment(sample('a')), configMap('settings'), service('iam')];
      const applied = await subject.cluster.apply(set, namespace, WRITE);
      assert.deepEqual(
        applied.map(({ ref, created }) => [ref.kind, ref.name, ref.namespace, created]),
        [
          ['Deployment', 'iam', namespace, true],
          ['ConfigMap', 'settings', namespace, true],
          ['Service', 'iam', namespace, true],
        ],
      );
      assert.equal(applied[0]?.generation, 1);
    });

    test('applies twice as once: nothing is created and the generation stays', async () => {
      const namespace = await subject.freshNamespace();
      const set = [deployment(sample('a')), configMap('settings')];
      const [first] = await subject.cluster.apply(set, namespace, WRITE);
      const again = await subject.cluster.apply(set, namespace, WRITE);
      assert.deepEqual(
        again.map((one) => one.created),
        [false, false],
      );
      assert.equal(again[0]?.generation, first?.generation);
    });

    test('counts a change of the image as a new generation', async () => {
      const namespace = await subject.freshNamespace();
      await subject.cluster.apply([deployment(sample('a'))], namespace, WRITE);
      const [changed] = await subject.cluster.apply([deployment(sample('b'))], namespace, WRITE);
      assert.equal(changed?.generation, 2);
      assert.equal(changed?.created, false);
    });

    test('tells in a dry run what would be created, and writes nothing', async () => {
      const namespace = await subject.freshNamespace();
      await subject.cluster.apply([configMap('there')], namespace, WRITE);
      const set = [configMap('there'), deployment(sample('a'))];
      assert.deepEqual(await createdFlags(set, namespace), [false, true]);
      assert.deepEqual(await createdFlags(set, namespace), [false, true]);
    });

    test('tells in a dry run what each object would be, and after an apply what it is', async () => {
      const namespace = await subject.freshNamespace();
      await subject.cluster.apply([configMap('settings', { level: 'info' })], namespace, WRITE);
      const set = [configMap('settings', { level: 'debug' }), service('iam')];
      for (const options of [DRY, WRITE]) {
        const [settings, made] = await subject.cluster.apply(set, namespace, options);
        assert.deepEqual(settings?.object['data'], { level: 'debug' });
        assert.deepEqual([made?.object.kind, made?.object.metadata.name], ['Service', 'iam']);
      }
    });

    test('reports every bad object of a set together, and writes none of it', async () => {
      const namespace = await subject.freshNamespace();
      const mismatched = deployment(sample('a'), {
        name: 'one',
        spec: { selector: { matchLabels: { app: 'other' } } },
      });
      const empty = deployment('', { name: 'two' });
      const error = await rejection(subject.cluster.apply([configMap('good'), mismatched, empty], namespace, WRITE));
      assert.equal(error.code, 'manifest-rejected');
      assert.equal(error.retry, 'no');
      assert.match(error.message, /2 of 3 objects/);
      assert.match(error.message, /deployment\/one.*selector/s);
      assert.match(error.message, /deployment\/two.*image/s);
      assert.deepEqual(await createdFlags([configMap('good')], namespace), [true]);
    });

    test('refuses an object that names another namespace', async () => {
      const namespace = await subject.freshNamespace();
      const elsewhere = { ...configMap('settings'), metadata: { name: 'settings', namespace: 'elsewhere' } };
      const error = await rejection(subject.cluster.apply([elsewhere], namespace, WRITE));
      assert.equal(error.code, 'manifest-rejected');
      assert.match(error.message, /configmap\/settings.*"elsewhere".*"/);
    });

    test('refuses objects without a name or a kind', async () => {
      const namespace = await subject.freshNamespace();
      const nameless = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } as unknown as ManifestObject;
      const kindless = { apiVersion: 'v1', metadata: { name: 'x' } } as unknown as ManifestObject;
      for (const bad of [nameless, kindless]) {
        const error = await rejection(subject.cluster.apply([bad], namespace, WRITE));
        assert.equal(error.code, 'manifest-rejected');
      }
    });

    test('knows a namespace that is missing', async () => {
      const error = await rejection(subject.cluster.apply([configMap('settings')], 'nowhere', WRITE));
      assert.equal(error.code, 'namespace-missing');
      assert.match(error.message, /"nowhere"/);
      assert.equal(error.retry, 'no');
    });

    test('removes objects, waits until they are gone, and does not mind what is not there', async () => {
      const namespace = await subject.freshNamespace();
      const set = [deployment(sample('a')), configMap('settings')];
      await subject.cluster.apply(set, namespace, WRITE);
      const refs: ObjectRef[] = [...set, configMap('never-there')].map((one) => refOf(one, namespace));
      await subject.cluster.remove(refs, WRITE.signal);
      assert.deepEqual(await createdFlags(set, namespace), [true, true]);
      await subject.cluster.remove(refs, WRITE.signal);
    });

    test('gives a Service’s address, once it has one', async () => {
      const namespace = await subject.freshNamespace();
      assert.equal(await subject.cluster.serviceAddress(namespace, 'iam'), undefined);
      await subject.cluster.apply([service('iam'), service('inner', 'ClusterIP')], namespace, WRITE);
      await subject.expose(namespace, 'iam');
      assert.equal(await subject.cluster.serviceAddress(namespace, 'iam'), '127.0.0.1');
      assert.equal(await subject.cluster.serviceAddress(namespace, 'inner'), undefined);
    });

    test('does nothing once the caller has gone', async () => {
      const namespace = await subject.freshNamespace();
      const gone = { dryRun: false, signal: AbortSignal.abort() };
      await assert.rejects(subject.cluster.apply([configMap('settings')], namespace, gone), { name: 'AbortError' });
      assert.deepEqual(await createdFlags([configMap('settings')], namespace), [true]);
    });
  });
}

/** The PortError with which `promise` is rejected. */
export async function rejection(promise: Promise<unknown>): Promise<PortError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof PortError, `expected a PortError, got ${error}`);
    return error;
  }
  return assert.fail('expected a PortError, but it succeeded');
}
