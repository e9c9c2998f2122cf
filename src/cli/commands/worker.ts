import { type Command, Option } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
A worker holds the credentials of the environments that it serves, and of no others. Give each trust zone its own process;
--engine also runs the workflows, which needs no credentials and can stand alone.

Examples:
  sluice worker --environments dev,staging --engine
  sluice worker --environments production
  sluice worker --engine`;

interface Options {
  readonly environments?: readonly string[];
  readonly engine?: boolean;
  readonly cluster?: 'simulated';
  readonly metrics?: string;
}

export function addWorker(program: Command, { terminal }: Surroundings): void {
  program
    .command('worker')
    .description('run a worker until it is told to stop (SIGTERM, Ctrl-C)')
    .option('--environments <names>', 'environments to serve, separated by commas', (text: string) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--engine', 'run the workflows too')
    .addOption(
      new Option('--cluster <kind>', 'use simulated clusters instead of the configured ones').choices(['simulated']),
    )
    .option('--metrics <host:port>', 'serve metrics for Prometheus there')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { environments = [], engine = false, cluster, metrics, config: path } = optionsOf<Options>(command);
      if (environments.length === 0 && !engine) command.error('error: name --environments, --engine, or both');
      const [{ loadConfig, temporalAccess }, { checkedEnvironments, withSimulatedClusters }, { runWorker }] =
        await Promise.all([
          import('../../config/load.ts'),
          import('../worker-options.ts'),
          import('../../worker/main.ts'),
        ]);
      const read = await loadConfig(path);
      const config = cluster === 'simulated' ? withSimulatedClusters(read) : read;
      await runWorker({
        config,
        temporal: temporalAccess(),
        environments: checkedEnvironments(config, environments),
        engine,
        ...(metrics === undefined ? {} : { metrics }),
        onReady: (queues) => terminal.note(`serves ${queues.join(', ')}; Ctrl-C ends it after what is under way`),
      });
    });
}
