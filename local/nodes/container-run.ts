/** The life of one container on a node: pull, configure, start, probe, end, start again. */
import { type Behaviour, behaviourUnder, parseBehaviour, SILENT } from './behaviour.ts';
import type { ContainerRun } from './container.ts';
import { ConfigurationError } from './pod-configuration.ts';
import { type Ended, timestamp } from './pod-status.ts';
import { liveUntilKilled } from './probing.ts';
import { startProgram } from './program.ts';
import type { PulledImage } from './pull.ts';
import { manifestMissing, PullError } from './pull-error.ts';
import { waitFor, waitForEnd } from './wait.ts';

const MAX_DOUBLINGS = 5;
const SHOWN_BACK_OFF_SECONDS = 10;
const SHOWN_MAX_SECONDS = 300;

/** Runs until the container has ended for good; rejects when the signal fires. */
export async function runContainer(run: ContainerRun): Promise<Ended> {
  const image = await pullUntilThere(run);
  const behaviour = await configureUntilPossible(run, image);
  run.report({ imageId: `${image.repository}@${image.digest}` });
  for (let restarts = run.restarts; ; restarts++) {
    const ended = await runOnce(run, image, behaviour, restarts);
    run.ended(ended);
    run.report({ phase: { kind: 'ended', ...ended }, restarts });
    if (!startsAgain(run, ended)) return ended;
    await backOff(run, ended, restarts);
  }
}

/** The first start waits for nothing when the container already ran. */
async function runOnce(run: ContainerRun, image: PulledImage, behaviour: Behaviour, restarts: number): Promise<Ended> {
  const resumed = run.adopted && restarts === run.restarts;
  if (!resumed) await waitFor(run.timing.startMs, run.signal);
  const startedAt = timestamp();
  const program = startProgram(resumed ? { ...behaviour, start: { afterMs: 0 } } : behaviour, run.log);
  if (!resumed) run.announce(image, restarts);
  run.started(program, image);
  const ready = (isReady: boolean): void =>
    run.report({ phase: { kind: 'running', startedAt, ready: isReady }, restarts });
  const exit = await liveUntilKilled({ ...run, adopted: resumed }, program, ready);
  run.log.say(`exit code ${exit.exitCode}`);
  return { ...exit, startedAt, finishedAt: timestamp() };
}

function startsAgain(run: ContainerRun, ended: Ended): boolean {
  return run.restartPolicy === 'Always' || (run.restartPolicy === 'OnFailure' && ended.exitCode !== 0);
}

/** The first restart comes soon; from the second on the container is in CrashLoopBackOff meanwhile, as with a kubelet. */
async function backOff(run: ContainerRun, ended: Ended, restarts: number): Promise<void> {
  const { name, namespace, uid } = run.pod.metadata ?? {};
  run.report({ last: ended });
  if (restarts === 0) return waitFor(run.timing.backOffMs, run.signal);
  const seconds = Math.min(SHOWN_BACK_OFF_SECONDS * 2 ** (restarts - 1), SHOWN_MAX_SECONDS);
  const message = `back-off ${seconds}s restarting failed container=${run.container.name} pod=${name}_${namespace}(${uid})`;
  run.report({ phase: { kind: 'waiting', reason: 'CrashLoopBackOff', message } });
  run.event('warning', 'BackOff', `Back-off restarting failed container ${run.container.name} in pod ${name}`);
  await waitFor(delayOf(run, restarts), run.signal);
}

async function pullUntilThere(run: ContainerRun): Promise<PulledImage> {
  const image = run.container.image ?? '';
  for (let attempt = 0; ; attempt++) {
    try {
      if (run.simulation === 'image-pull-backoff') throw manifestMissing(image);
      const pulled = await run.obtain(image);
      if (!run.adopted) run.event('normal', 'Pulled', `Successfully pulled image "${image}" (${pulled.bytes} bytes)`);
      return pulled;
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      const { reason, message } = error;
      run.report({ phase: { kind: 'waiting', reason, message } });
      run.event('warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      if (reason !== 'ErrImagePull') return waitForEnd(run.signal);
      await waitFor(run.timing.backOffMs, run.signal);
      const repeated = `Back-off pulling image "${image}": ${reason}: ${message}`;
      run.report({ phase: { kind: 'waiting', reason: 'ImagePullBackOff', message: repeated } });
      await waitFor(delayOf(run, attempt), run.signal);
    }
  }
}

async function configureUntilPossible(run: ContainerRun, image: PulledImage): Promise<Behaviour> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await configure(run, image);
    } catch (error) {
      if (run.signal.aborted) throw error;
      const isConfiguration = error instanceof ConfigurationError;
      const reason = isConfiguration ? 'CreateContainerConfigError' : 'CreateContainerError';
      const { message } = error as Error;
      run.report({ phase: { kind: 'waiting', reason, message } });
      run.event('warning', 'Failed', `Error: ${message}`);
      await waitFor(delayOf(run, attempt), run.signal);
    }
  }
}

async function configure(run: ContainerRun, image: PulledImage): Promise<Behaviour> {
  if (run.simulation === 'config-error') throw new ConfigurationError('configmap "simulated" not found');
  const environment = await run.environment();
  const written = image.behaviour === undefined ? SILENT : parseBehaviour(image.behaviour);
  const behaviour = behaviourUnder(written, environment);
  const simulated = run.simulation === 'crash-loop' || run.simulation === 'unready' ? run.simulation : undefined;
  return simulated === undefined ? behaviour : { ...behaviour, fail: simulated };
}

function delayOf(run: ContainerRun, attempt: number): number {
  return run.timing.backOffMs * 2 ** Math.min(attempt, MAX_DOUBLINGS);
}
