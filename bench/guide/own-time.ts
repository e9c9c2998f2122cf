/** What import and roll-out themselves take, seen from outside: by the registry's own log and by a watch on the cluster. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Stack } from '../../local/stack/start-stack.ts';
import { toolPath } from '../../local/tools/tool-path.ts';
import { PRODUCTION } from './production.ts';

export interface OwnTime {
  readonly importMs: number;
  readonly rollOutMs: number;
}

/** Runs `work` and resolves to how long registry and cluster were busy for it. */
export async function withOwnTime(stack: Stack, work: () => Promise<void>): Promise<OwnTime> {
  const before = stack.emulator.effects().length;
  const watch = watchRollOut(stack);
  try {
    await work();
    return { importMs: importsSince(stack, before), rollOutMs: watch.took() };
  } finally {
    watch.stop();
  }
}

/** The sum over all imports that production's registry accepted, from accepted to completed. */
function importsSince({ emulator }: Stack, before: number): number {
  const effects = emulator.effects().slice(before);
  const accepted = effects.filter((one) => one.effect === 'import-accepted' && one.registry === PRODUCTION.registry);
  const took = accepted.map((one) => {
    const end = effects.find((other) => other.effect === 'import-completed' && other.operation === one.operation);
    return end === undefined ? 0 : Date.parse(end.time) - Date.parse(one.time);
  });
  return took.reduce((total, ms) => total + ms, 0);
}

const LINE = '{.metadata.generation} {.status.observedGeneration} {.spec.replicas} {.status.availableReplicas}{"\\n"}';

/** From the moment the deployment appears until all its replicas are available. */
function watchRollOut(stack: Stack): { took(): number; stop(): void } {
  const kubeconfig = stack.clusters.adminKubeconfigs.production ?? '';
  const where = ['--kubeconfig', kubeconfig, '--namespace', PRODUCTION.namespace];
  const child = spawn(
    toolPath('kubectl') ?? '',
    [...where, 'get', 'deployments', '--watch', '--output', `jsonpath=${LINE}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let appeared: number | undefined;
  let available: number | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [generation, observed, replicas, ready] = line.split(' ');
    appeared ??= performance.now();
    if (generation === observed && replicas === ready) available ??= performance.now();
  });
  return {
    took() {
      if (appeared === undefined || available === undefined) throw new Error('the watch saw no complete roll-out');
      return available - appeared;
    },
    stop: () => void child.kill('SIGTERM'),
  };
}
