/** Whether the pods that serve now run exactly the promoted image. */
import type { Refusal } from '../domain/error-code.ts';
import type { RunningPod } from '../ports/cluster.ts';

/** `accepted`: the image's digest and, of an index, its children's (a node may report either). */
export function runningRefusal(
  pods: readonly RunningPod[],
  accepted: readonly string[],
  workloads: readonly string[],
): Refusal | undefined {
  const [expected] = accepted;
  const silent = workloads.filter((workload) => !pods.some((pod) => pod.workload === workload));
  if (silent.length > 0) {
    return mismatch(
      `no ready pod of ${silent.join(', ')} runs the promoted image`,
      expected,
      'no ready pod of the new generation',
    );
  }
  const wrong = pods.filter((pod) => !accepted.includes(pod.imageDigest));
  if (wrong.length === 0) return undefined;
  const got = wrong.map((pod) => `${pod.name}: ${pod.imageDigest}`).join(', ');
  return mismatch(`${wrong.length} of ${pods.length} ready pods run something else`, expected, got);
}

function mismatch(message: string, expected: string | undefined, got: string): Refusal {
  return {
    code: 'running-digest-mismatch',
    message,
    ...(expected === undefined ? {} : { expected }),
    got,
    remedy: 'look for whoever else changes these workloads (an autoscaler, another pipeline, a mutating webhook)',
  };
}
