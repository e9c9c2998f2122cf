/** What every ClusterInventory says of a namespace, whoever filled it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClusterInventory } from '../../../src/ports/cluster-inventory.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { configMap, deployment, sample } from './manifests.ts';
import type { ClusterSubject, MakeSubject, SuiteOptions } from './subject.ts';

const WRITE = { dryRun: false, signal: new AbortController().signal };

export function inventorySuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`cluster inventory, ${name}`, options, () => {
    let subject: ClusterSubject;
    let inventory: ClusterInventory;
    before(async () => {
      subject = await makeSubject();
      ({ inventory } = subject);
    });
    after(() => subject.close());

    test('lists what was applied in the namespace, each whole and with its kind, and nothing of another one', async () => {
      const [namespace, other] = [await subject.freshNamespace(), await subject.freshNamespace()];
      await subject.cluster.apply([configMap('settings'), deployment(sample('a'))], namespace, WRITE);
      await subject.cluster.apply([configMap('foreign')], other, WRITE);
      const { objects, unread } = await inventory.list(namespace, WRITE.signal);
      assert.deepEqual(unread, []);
      const named = objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
      assert.ok(named.includes('v1 ConfigMap settings') && named.includes('apps/v1 Deployment iam'), named.join(', '));
      assert.ok(objects.every(({ metadata }) => metadata.namespace === namespace));
      const found = objects.find(({ kind }) => kind === 'Deployment');
      assert.ok(JSON.stringify(found).includes(sample('a')));
    });

    test('a namespace that is not there is an error, and no empty list', async () => {
      await assert.rejects(
        inventory.list('nowhere', WRITE.signal),
        (error: unknown) => error instanceof PortError && error.code === 'namespace-missing',
      );
    });
  });
}
