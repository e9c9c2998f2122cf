/** Watching roll-outs in tests: what was said, and waiting for it. */
import assert from 'node:assert/strict';
import type { Refusal } from '../../../../src/domain/error-code.ts';
import type { Cluster, RollOutVerdict } from '../../../../src/ports/cluster.ts';
import { until } from '../../../../local/tools/until.ts';

export const WRITE = { dryRun: false, signal: new AbortController().signal };
export const DRY = { ...WRITE, dryRun: true };
const LONG_MS = 60_000;

export interface Watching {
  readonly verdict: Promise<RollOutVerdict>;
  readonly lines: readonly string[];
  /** Until a progress line matches. */
  said(pattern: RegExp): Promise<string>;
}

export function watching(
  cluster: Cluster,
  namespace: string,
  image: string,
  more: { workload?: string; timeoutMs?: number } = {},
): Watching {
  const lines: string[] = [];
  const { workload = 'deployment/iam', timeoutMs = LONG_MS } = more;
  const request = { namespace, workloads: [workload], image, timeoutMs };
  const verdict = cluster.watchRollOut(request, (line) => lines.push(line), WRITE.signal);
  const over = verdict.then(
    (one) => `the roll-out ended: ${JSON.stringify(one)}`,
    (error: Error) => `the watch ended: ${error.message}`,
  );
  return {
    verdict,
    lines,
    said: (pattern) =>
      until(() => lines.find((line) => pattern.test(line)), {
        what: `a line like ${pattern}`,
        timeoutMs: LONG_MS,
        everyMs: 5,
        hopeless: over,
      }),
  };
}

export function refusalOf(verdict: RollOutVerdict): Refusal {
  assert.equal(verdict.kind, 'failed', JSON.stringify(verdict));
  return verdict.kind === 'failed' ? verdict.refusal : assert.fail();
}

export async function completes(watch: Watching): Promise<void> {
  assert.equal((await watch.verdict).kind, 'complete', JSON.stringify(await watch.verdict));
}
