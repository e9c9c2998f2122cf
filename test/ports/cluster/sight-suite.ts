/** What every ClusterSight says of what stands there, whoever put it there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ManifestObject, formatRef, refOf } from '../../../src/domain/manifest-object.ts';
import type { ClusterSight, Standing } from '../../../src/ports/cluster-sight.ts';
import { configMap, deployment, sample } from './manifests.ts';
import type { ClusterSubject, MakeSubject, SuiteOptions } from './subject.ts';

const WORKLOAD = 'deployment/iam';
const WRITE = { dryRun: false, signal: new AbortController().signal };

export function sightSuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`cluster sight, ${name}`, options, () => {
    let subject: ClusterSubject;
    let sight: ClusterSight;
    before(async () => {
      subject = await makeSubject();
      ({ sight } = subject);
    });
    after(() => subject.close());

    const running = async (namespace: string, image: string): Promise<void> => {
      await subject.cluster.apply([deployment(image)], namespace, WRITE);
      const request = { namespace, workloads: [WORKLOAD], image, timeoutMs: 60_000 };
      assert.equal((await subject.cluster.watchRollOut(request, () => undefined, WRITE.signal)).kind, 'complete');
    };
    const look = (namespace: string, image: string, objects: readonly ManifestObject[] = []): Promise<Standing> => {
      const refs = objects.map((one) => refOf(one, namespace));
      return sight.look({ namespace, workloads: [WORKLOAD], image, objects: refs }, WRITE.signal);
    };

    test('sees what a workload asks for, and what its ready pods run', async () => {
      const namespace = await subject.freshNamespace();
      await running(namespace, sample('a'));
      const { workloads, missing } = await look(namespace, sample('a'));
      assert.deepEqual(missing, []);
      assert.deepEqual(
        workloads.map(({ workload, images }) => [workload, images]),
        [[WORKLOAD, [sample('a')]]],
      );
      assert.deepEqual(
        workloads[0]?.pods.map((pod) => pod.imageDigest),
        [1, 2].map(() => `sha256:${'a'.repeat(64)}`),
      );
    });

    test('sees another image that somebody has put in its place', async () => {
      const namespace = await subject.freshNamespace();
      await running(namespace, sample('a'));
      await subject.interfere(deployment(sample('b')), namespace);
      const { workloads } = await look(namespace, sample('a'));
      assert.deepEqual(
        workloads.map(({ images, pods }) => [images, pods]),
        [[[sample('b')], []]],
      );
    });

    test('names what is not there, workloads by their absence', async () => {
      const namespace = await subject.freshNamespace();
      await subject.cluster.apply([configMap('there')], namespace, WRITE);
      const { workloads, missing } = await look(namespace, sample('a'), [configMap('there'), configMap('gone')]);
      assert.deepEqual(workloads, []);
      assert.deepEqual(missing.map(formatRef), ['configmap/gone']);
    });

    test('counts an object of a kind that nobody serves as not there', async () => {
      const namespace = await subject.freshNamespace();
      const odd: ManifestObject = { apiVersion: 'example.test/v1', kind: 'Oddity', metadata: { name: 'odd' } };
      assert.deepEqual((await look(namespace, sample('a'), [odd])).missing.map(formatRef), ['oddity/odd']);
    });

    test('reads each object whole, in the order in which they are asked for, and none where there is none', async () => {
      const namespace = await subject.freshNamespace();
      await subject.cluster.apply(
        [configMap('settings', { level: 'info' }), deployment(sample('a'))],
        namespace,
        WRITE,
      );
      await subject.interfere(deployment(sample('b')), namespace);
      const odd: ManifestObject = { apiVersion: 'example.test/v1', kind: 'Oddity', metadata: { name: 'odd' } };
      const asked = [deployment(sample('a')), configMap('gone'), odd, configMap('settings')];
      const found = await sight.read(
        asked.map((one) => refOf(one, namespace)),
        WRITE.signal,
      );
      assert.deepEqual(
        found.map((one) => one?.metadata.name),
        ['iam', undefined, undefined, 'settings'],
      );
      assert.match(JSON.stringify(found[0]), new RegExp(sample('b')), 'as it stands, whoever made it so');
      assert.deepEqual(found[3]?.['data'], { level: 'info' });
    });

    test('reads nothing once the caller has gone', async () => {
      const refs = [refOf(configMap('settings'), await subject.freshNamespace())];
      await assert.rejects(sight.read(refs, AbortSignal.abort()), { name: 'AbortError' });
    });

    test('sees nothing once the caller has gone', async () => {
      const namespace = await subject.freshNamespace();
      const request = { namespace, workloads: [WORKLOAD], image: sample('a'), objects: [] };
      await assert.rejects(sight.look(request, AbortSignal.abort()), { name: 'AbortError' });
    });
  });
}
