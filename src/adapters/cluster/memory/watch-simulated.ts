/** Watching a simulated roll-out: woken by changes and by the moment at which a pod would have changed, never by polling. */
import type { RollOutRequest, RollOutVerdict } from '../../../ports/cluster.ts';
import type { Refusal } from '../../../domain/error-code.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { PodState } from './behaviour.ts';
import { type SimulatedObject, imagesOf, isWorkload, specOf, templateOf } from './simulated-object.ts';

export interface Simulation {
  find(namespace: string, workload: string): SimulatedObject | undefined;
  pods(object: SimulatedObject, now: number): PodState;
  /** Calls `wake` at each change of the cluster until the returned function is called. */
  onChange(wake: () => void): () => void;
}

type Look =
  | { readonly kind: 'complete'; readonly ref: string; readonly generation: number; readonly replicas: number }
  | { readonly kind: 'waiting'; readonly line: string; readonly untilMs?: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal };

export async function watchSimulated(
  simulation: Simulation,
  request: RollOutRequest,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<RollOutVerdict> {
  request.workloads.forEach(refuseOtherKinds);
  const deadline = Date.now() + request.timeoutMs;
  const templates = new Map<string, string>();
  const said = new Map<string, string>();
  for (;;) {
    signal.throwIfAborted();
    const now = Date.now();
    const looks = request.workloads.map((workload) => look(simulation, request, workload, templates, now));
    const failed = looks.find((one) => one.kind === 'failed');
    if (failed !== undefined) return failed;
    const waiting = looks.filter((one) => one.kind === 'waiting');
    if (waiting.length === 0) return { kind: 'complete', workloads: looks.flatMap(completed) };
    for (const { line } of waiting) if (said.get(line) === undefined) (said.set(line, line), onProgress(line));
    if (now >= deadline) return { kind: 'failed', refusal: outOfTime(request, waiting[0]?.line ?? '') };
    const next = Math.min(deadline, ...waiting.flatMap((one) => one.untilMs ?? []));
    await wakeUp(simulation, next - now, signal);
  }
}

function refuseOtherKinds(workload: string): void {
  const [kind = '', name] = workload.split('/');
  if (isWorkload(kind) && name) return;
  throw new PortError('input-invalid', `workload "${workload}" cannot roll out`, {
    retry: 'no',
    expected: 'deployment/<name>, statefulset/<name> or daemonset/<name>',
    got: workload,
  });
}

function look(
  simulation: Simulation,
  { namespace, image }: RollOutRequest,
  workload: string,
  templates: Map<string, string>,
  now: number,
): Look {
  const object = simulation.find(namespace, workload);
  if (object === undefined) return no('workload-missing', `${workload} does not exist in namespace ${namespace}`);
  const template = templateOf(object.manifest);
  const first = templates.get(workload) ?? template;
  templates.set(workload, first);
  const images = imagesOf(object.manifest);
  if (template !== first || !images.includes(image)) {
    return no('roll-out-interfered', `${workload} was changed by somebody else`, image, images.join(', '));
  }
  const replicas = specOf(object.manifest).replicas ?? 1;
  if (replicas === 0) return no('scaled-to-zero', `${workload} is scaled to 0: nothing runs`, '1 pod or more', '0');
  const pods = simulation.pods(object, now);
  if (pods.kind === 'failed') return { kind: 'failed', refusal: pods.refusal };
  if (pods.kind === 'ready') return { kind: 'complete', ref: workload, generation: object.generation, replicas };
  const line = `${workload}: 0 of ${replicas} pods ready`;
  return pods.untilMs === undefined ? { kind: 'waiting', line } : { kind: 'waiting', line, untilMs: pods.untilMs };
}

function completed(one: Look): { ref: string; generation: number; replicas: number }[] {
  return one.kind === 'complete' ? [{ ref: one.ref, generation: one.generation, replicas: one.replicas }] : [];
}

function no(code: Refusal['code'], message: string, expected?: string, got?: string): Look {
  return {
    kind: 'failed',
    refusal: { code, message, ...(expected === undefined ? {} : { expected }), ...(got === undefined ? {} : { got }) },
  };
}

function outOfTime(request: RollOutRequest, line: string): Refusal {
  const seconds = request.timeoutMs / 1000;
  return { code: 'roll-out-timeout', message: `not rolled out within ${seconds} s; ${line}`, got: line };
}

function wakeUp(simulation: Simulation, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', aborted);
      settle();
    };
    const aborted = done(() => reject(signal.reason));
    const timer = setTimeout(
      done(() => resolve()),
      Math.max(0, Math.min(ms, 2 ** 31 - 1)),
    );
    const stop = simulation.onChange(done(() => resolve()));
    signal.addEventListener('abort', aborted, { once: true });
  });
}
