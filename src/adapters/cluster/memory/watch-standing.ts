/** Hearing of changes of a simulated cluster: at each change, not at the moment at which a pod becomes ready or fails by itself. */
import { once } from 'node:events';
import type { ClusterWatch } from '../../../ports/cluster-watch.ts';
import { imagesOf } from './simulated-object.ts';
import type { Simulation } from './watch-simulated.ts';

export function createSimulatedWatch(simulation: Simulation): ClusterWatch {
  return {
    async follow({ namespace, workloads }, listener, signal) {
      const told = new Map<string, string>();
      const look = (): void => {
        for (const workload of workloads) {
          const object = simulation.find(namespace, workload);
          const shape = object === undefined ? 'gone' : imagesOf(object.manifest).join(' ');
          if (told.get(workload) === shape) continue;
          told.set(workload, shape);
          listener.changed(workload);
        }
      };
      if (signal.aborted) return;
      const stop = simulation.onChange(look);
      look();
      await once(signal, 'abort');
      stop();
    },
  };
}
