/** What every Cluster tells about a roll-out. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import type { RollOutVerdict } from '../../../src/ports/cluster.ts';
import { deployment, sample } from './manifests.ts';
import type { ClusterSubject, Fate, MakeSubject, SuiteOptions } from './subject.ts';

const WORKLOAD = 'deployment/iam';
const LONG_MS = 60_000;
const WRITE = { dryRun: false, signal: new AbortController().signal };

/** One replica more while it rolls out, so that a bad version never takes the good one's place. */
const SAFELY = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };

export function rollOutSuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`cluster, ${name}: rolling out`, options, () => {
    let subject: ClusterSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    const apply = async (namespace: string, ...objects: ManifestObject[]): Promise<number[]> =>
      (await subject.cluster.apply(objects, namespace, WRITE)).map((one) => one.generation);
    const watch = (
      namespace: string,
      image: string,
      more: { timeoutMs?: number; workloads?: string[]; lines?: string[]; signal?: AbortSignal } = {},
    ): Promise<RollOutVerdict> =>
      subject.cluster.watchRollOut(
        { namespace, workloads: more.workloads ?? [WORKLOAD], image, timeoutMs: more.timeoutMs ?? LONG_MS },
        (line) => more.lines?.push(line),
        more.signal ?? WRITE.signal,
      );
    const digests = async (namespace: string, image: string): Promise<string[]> =>
      (await subject.cluster.runningPods(namespace, [WORKLOAD], image)).map((pod) => pod.imageDigest);
    const fail = (image: string, fate: Fate): string => (subject.behave(image, fate), image);

    test('is complete when every pod runs the image, and the pods say which digest that is', async () => {
      const namespace = await subject.freshNamespace();
      const image = sample('a');
      await apply(namespace, deployment(image));
      const verdict = await watch(namespace, image);
      assert.deepEqual(verdict, { kind: 'complete', workloads: [{ ref: WORKLOAD, generation: 1, replicas: 2 }] });
      const pods = await subject.cluster.runningPods(namespace, [WORKLOAD], image);
      assert.equal(new Set(pods.map((pod) => pod.name)).size, 2);
      assert.deepEqual(
        pods.map(({ workload, imageDigest }) => [workload, imageDigest]),
        [1, 2].map(() => [WORKLOAD, `sha256:${'a'.repeat(64)}`]),
      );
    });

    test('is complete when asked again, long after', async () => {
      const namespace = await subject.freshNamespace();
      await apply(namespace, deployment(sample('a')));
      const first = await watch(namespace, sample('a'));
      assert.deepEqual(await watch(namespace, sample('a')), first);
    });

    test('rolls over to another digest and reports only its pods', async () => {
      const namespace = await subject.freshNamespace();
      await apply(namespace, deployment(sample('a')));
      await watch(namespace, sample('a'));
      const [generation] = await apply(namespace, deployment(sample('b')));
      const verdict = await watch(namespace, sample('b'));
      assert.deepEqual(verdict, { kind: 'complete', workloads: [{ ref: WORKLOAD, generation, replicas: 2 }] });
      assert.deepEqual(new Set(await digests(namespace, sample('b'))), new Set([`sha256:${'b'.repeat(64)}`]));
      assert.deepEqual(await digests(namespace, sample('a')), []);
    });

    test('waits for all of several workloads', async () => {
      const namespace = await subject.freshNamespace();
      await apply(namespace, deployment(sample('a')), deployment(sample('a'), { name: 'jobs', replicas: 1 }));
      const verdict = await watch(namespace, sample('a'), { workloads: [WORKLOAD, 'deployment/jobs'] });
      assert.equal(verdict.kind, 'complete');
      assert.deepEqual(verdict.kind === 'complete' && verdict.workloads.map((one) => [one.ref, one.replicas]), [
        [WORKLOAD, 2],
        ['deployment/jobs', 1],
      ]);
    });

    for (const [fate, code] of [
      ['pull-fails', 'image-pull-failed'],
      ['crashes', 'crash-loop'],
    ] as const) {
      test(`fails with ${code} when the image ${fate}, and the previous version goes on serving and comes back`, async () => {
        const namespace = await subject.freshNamespace();
        const good = deployment(sample('a'), { spec: SAFELY });
        await apply(namespace, good);
        await watch(namespace, sample('a'));
        const bad = fail(sample('c', `registry.local/${fate}`), fate);
        await apply(namespace, deployment(bad, { spec: SAFELY }));
        const verdict = await watch(namespace, bad);
        assert.equal(verdict.kind === 'failed' && verdict.refusal.code, code);
        assert.deepEqual(await digests(namespace, bad), []);
        await apply(namespace, good);
        assert.equal((await watch(namespace, sample('a'))).kind, 'complete');
        assert.equal((await digests(namespace, sample('a'))).length, 2);
      });
    }

    test('is out of time when pods never become ready, and tells how far it was', async () => {
      const namespace = await subject.freshNamespace();
      const image = fail(sample('d'), 'never-ready');
      await apply(namespace, deployment(image));
      const lines: string[] = [];
      const verdict = await watch(namespace, image, { timeoutMs: 500, lines });
      assert.equal(verdict.kind === 'failed' && verdict.refusal.code, 'roll-out-timeout');
      assert.match(verdict.kind === 'failed' ? verdict.refusal.message : '', /0 of 2 pods ready/);
      assert.ok(lines.includes(`${WORKLOAD}: 0 of 2 pods ready`), lines.join('\n'));
      assert.equal(new Set(lines).size, lines.length, 'one line for each change, not more');
    });

    test('names a workload that does not exist', async () => {
      const namespace = await subject.freshNamespace();
      const verdict = await watch(namespace, sample('a'));
      assert.equal(verdict.kind === 'failed' && verdict.refusal.code, 'workload-missing');
      assert.match(verdict.kind === 'failed' ? verdict.refusal.message : '', /deployment\/iam .*case-/);
    });

    test('does not call zero pods a success', async () => {
      const namespace = await subject.freshNamespace();
      await apply(namespace, deployment(sample('a'), { replicas: 0 }));
      const verdict = await watch(namespace, sample('a'));
      assert.equal(verdict.kind === 'failed' && verdict.refusal.code, 'scaled-to-zero');
    });

    test('sees at once that another image stands in the workload', async () => {
      const namespace = await subject.freshNamespace();
      await apply(namespace, deployment(sample('a')));
      const verdict = await watch(namespace, sample('b'));
      assert.ok(verdict.kind === 'failed');
      assert.equal(verdict.refusal.code, 'roll-out-interfered');
      assert.equal(verdict.refusal.expected, sample('b'));
      assert.equal(verdict.refusal.got, sample('a'));
    });

    test('sees that somebody changes the workload while it rolls out', async () => {
      const namespace = await subject.freshNamespace();
      const image = fail(sample('e'), 'never-ready');
      await apply(namespace, deployment(image));
      const lines: string[] = [];
      const verdict = watch(namespace, image, { lines });
      await someLine(lines, verdict);
      await subject.interfere(deployment(sample('f')), namespace);
      const judged = await verdict;
      assert.equal(judged.kind === 'failed' && judged.refusal.code, 'roll-out-interfered');
    });

    test('ends when the caller has gone', async () => {
      const namespace = await subject.freshNamespace();
      const image = fail(sample('0'), 'never-ready');
      await apply(namespace, deployment(image));
      const lines: string[] = [];
      const caller = new AbortController();
      const verdict = watch(namespace, image, { lines, signal: caller.signal });
      await someLine(lines, verdict);
      caller.abort();
      await assert.rejects(verdict, { name: 'AbortError' });
    });

    test('refuses a kind that cannot roll out', async () => {
      const namespace = await subject.freshNamespace();
      for (const workload of ['job/iam', 'deployment', 'deployment/']) {
        await assert.rejects(watch(namespace, sample('a'), { workloads: [workload] }), { code: 'input-invalid' });
      }
    });
  });
}

/** Until the watch has said something: from then on it is watching. */
async function someLine(lines: readonly string[], verdict: Promise<unknown>): Promise<void> {
  let over = false;
  verdict.then(
    () => (over = true),
    () => (over = true),
  );
  while (lines.length === 0 && !over) await new Promise((resolve) => setTimeout(resolve, 5));
}
