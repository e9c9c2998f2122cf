/** A running container under its probes: when it becomes ready, and when the kubelet kills it. */
import type { V1Probe } from '@kubernetes/client-node';
import type { ContainerRun } from './container.ts';
import { probe } from './probe.ts';
import type { Program } from './program.ts';
import { waitFor, waitForEnd } from './wait.ts';

export interface Exit {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
}

const CRASHED: Exit = { exitCode: 1, reason: 'Error' };
const COMPLETED: Exit = { exitCode: 0, reason: 'Completed' };
const KILLED: Exit = { exitCode: 137, reason: 'Error' };
const DEFAULT_PERIOD_SECONDS = 10;
const DEFAULT_FAILURES = 3;

type Ready = (isReady: boolean) => void;

/** Resolves when the program exits or a probe has it killed; rejects when the pod ends. */
export async function liveUntilKilled(run: ContainerRun, program: Program, ready: Ready): Promise<Exit> {
  const over = new AbortController();
  const signal = AbortSignal.any([run.signal, over.signal]);
  const exiting = exitOf(run, program, signal);
  const probing = probes(run, program, ready, signal);
  try {
    return await Promise.race([exiting, probing]);
  } finally {
    over.abort();
    await Promise.allSettled([exiting, probing]);
  }
}

async function exitOf(run: ContainerRun, program: Program, signal: AbortSignal): Promise<Exit> {
  if (program.behaviour.fail !== 'crash-loop' && run.restartPolicy === 'Always') return waitForEnd(signal);
  await waitFor(run.timing.exitMs, signal);
  return program.behaviour.fail === 'crash-loop' ? CRASHED : COMPLETED;
}

async function probes(run: ContainerRun, program: Program, ready: Ready, signal: AbortSignal): Promise<Exit> {
  const { startupProbe, livenessProbe, readinessProbe } = run.container;
  if (startupProbe !== undefined && !run.adopted) {
    ready(false);
    if (!(await succeeds(run, 'Startup', startupProbe, program, signal))) return KILLED;
  }
  const reading = becomeReady(run, readinessProbe, program, ready, signal);
  const living = livenessProbe === undefined ? waitForEnd(signal) : stayAlive(run, livenessProbe, program, signal);
  return Promise.race([reading, living]);
}

/** Never resolves: a container that became ready stays so, because what it answers does not change. */
async function becomeReady(
  run: ContainerRun,
  asked: V1Probe | undefined,
  program: Program,
  ready: Ready,
  signal: AbortSignal,
): Promise<never> {
  if (program.behaviour.fail === 'unready') {
    ready(false);
    run.event('warning', 'Unhealthy', 'Readiness probe failed: the program says it is not ready');
    return waitForEnd(signal);
  }
  if (asked !== undefined) await passReadiness(run, asked, program, ready, signal);
  ready(true);
  return waitForEnd(signal);
}

async function passReadiness(
  run: ContainerRun,
  asked: V1Probe,
  program: Program,
  ready: Ready,
  signal: AbortSignal,
): Promise<void> {
  // A container that was taken over has proven itself before; making it unready for a while would be a lie.
  const delay = run.adopted ? 0 : (asked.initialDelaySeconds ?? 0);
  const enough = run.adopted ? 1 : (asked.successThreshold ?? 1);
  if (delay > 0) ready(false);
  await waitFor(delay * 1000, signal);
  let announced = false;
  for (let passed = 0; ; await waitFor(periodOf(asked), signal)) {
    const result = probe(run.container, asked, program);
    passed = result.ok ? passed + 1 : 0;
    if (passed >= enough) return;
    ready(false);
    if (!result.ok && !announced) run.event('warning', 'Unhealthy', `Readiness probe failed: ${result.why}`);
    announced ||= !result.ok;
  }
}

/** Resolves with the kill once the probe has failed often enough in a row. */
async function stayAlive(run: ContainerRun, asked: V1Probe, program: Program, signal: AbortSignal): Promise<Exit> {
  await waitFor((asked.initialDelaySeconds ?? 0) * 1000, signal);
  for (let failures = 0; ; await waitFor(periodOf(asked), signal)) {
    const result = probe(run.container, asked, program);
    failures = result.ok ? 0 : failures + 1;
    if (!result.ok) run.event('warning', 'Unhealthy', `Liveness probe failed: ${result.why}`);
    if (failures >= (asked.failureThreshold ?? DEFAULT_FAILURES)) break;
  }
  run.event('normal', 'Killing', `Container ${run.container.name} failed liveness probe, will be restarted`);
  return KILLED;
}

async function succeeds(
  run: ContainerRun,
  name: string,
  asked: V1Probe,
  program: Program,
  signal: AbortSignal,
): Promise<boolean> {
  await waitFor((asked.initialDelaySeconds ?? 0) * 1000, signal);
  for (let failures = 0; failures < (asked.failureThreshold ?? DEFAULT_FAILURES); failures++) {
    const result = probe(run.container, asked, program);
    if (result.ok) return true;
    run.event('warning', 'Unhealthy', `${name} probe failed: ${result.why}`);
    await waitFor(periodOf(asked), signal);
  }
  return false;
}

function periodOf(asked: V1Probe): number {
  return (asked.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
}
