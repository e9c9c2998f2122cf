/** What every ClusterWatch tells of what runs in a namespace, whoever changes it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../local/tools/until.ts';
import { refOf } from '../../../src/domain/manifest-object.ts';
import { deployment, sample } from './manifests.ts';
import type { ClusterSubject, MakeSubject, SuiteOptions } from './subject.ts';

const WORKLOAD = 'deployment/iam';
const WRITE = { dryRun: false, signal: new AbortController().signal };

export function watchSuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`cluster watch, ${name}`, options, () => {
    let subject: ClusterSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    /** Runs `work` while the namespace is watched; `heard` waits until something more of the workload has been told. */
    async function watching(
      namespace: string,
      work: (heard: () => Promise<void>, told: readonly string[]) => Promise<void>,
    ): Promise<void> {
      const over = new AbortController();
      const told: string[] = [];
      let known = 0;
      const listener = {
        changed: (workload: string) => void told.push(workload),
        lost: (error: Error) => assert.fail(error),
        found: () => undefined,
      };
      const ended = subject.watch.follow({ namespace, workloads: [WORKLOAD] }, listener, over.signal);
      const heard = async (): Promise<void> => {
        await until(() => told.length > known, { what: 'a change', timeoutMs: 30_000, everyMs: 5 });
        known = told.length;
      };
      try {
        await work(heard, told);
      } finally {
        over.abort();
        await ended;
      }
    }

    test('tells each workload once at first, and again when it comes, asks for another image, and goes', async () => {
      const namespace = await subject.freshNamespace();
      await watching(namespace, async (heard, told) => {
        await heard();
        await subject.cluster.apply([deployment(sample('a'))], namespace, WRITE);
        await heard();
        await subject.interfere(deployment(sample('b')), namespace);
        await heard();
        await subject.cluster.remove([refOf(deployment(sample('b')), namespace)], WRITE.signal);
        await heard();
        assert.deepEqual([...new Set(told)], [WORKLOAD]);
      });
    });

    test('tells nothing of what is in another namespace', async () => {
      const [namespace, other] = [await subject.freshNamespace(), await subject.freshNamespace()];
      await watching(namespace, async (heard, told) => {
        await heard();
        const before = told.length;
        await subject.cluster.apply([deployment(sample('a'))], other, WRITE);
        assert.equal(told.length, before);
        await subject.cluster.apply([deployment(sample('a'))], namespace, WRITE);
        await heard();
      });
    });

    test('ends when nobody wants to hear any more, also before it has begun', async () => {
      const namespace = await subject.freshNamespace();
      await watching(namespace, async () => undefined);
    });
  });
}
