import { type Command, Option } from 'commander';
import { countArgument, listenArgument, optionsOf, workerNameArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
A worker holds the credentials of the environments that it serves, and of no others. Give each trust zone its own process;
--engine also runs the workflows, which needs no credentials and can stand alone. With --name, a name that no two live workers
share (a pod of a StatefulSet has one), a worker that was killed and comes back goes on at once with what it was doing;
without it, another worker does so when the heartbeat timeout is over.

Metrics are served to Prometheus with --metrics. Metrics and traces are sent where OpenTelemetry's own variables say
(OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318) and to Azure Monitor (APPLICATIONINSIGHTS_CONNECTION_STRING); no release
waits for that. docs/monitoring.md has what there is to see.

Examples:
  sluice worker --environments dev,staging --engine
  sluice worker --environments production --name production-0
  sluice worker --engine --probes 0.0.0.0:8081      /livez and /readyz, for a cluster that asks`;

interface Options {
  readonly environments?: readonly string[];
  readonly engine?: boolean;
  readonly cluster?: 'simulated';
  readonly metrics?: string;
  readonly probes?: string;
  readonly name?: string;
  readonly cachedWorkflows?: number;
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
    .option('--name <name>', 'what this worker is called; never two live ones alike', workerNameArgument)
    .option('--cached-workflows <number>', 'workflows kept in memory (default 300, about 0.3 MB each)', countArgument)
    .option('--metrics <host:port>', 'serve metrics for Prometheus there', listenArgument)
    .option('--probes <host:port>', 'answer /livez and /readyz there', listenArgument)
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { environments = [], engine = false, cluster, metrics, probes, name, cachedWorkflows: cached } = options;
      if (environments.length === 0 && !engine) wrongCall(command, 'name --environments, --engine, or both');
      const [
        { loadConfig, telemetrySettings, temporalAccess },
        { checkedEnvironments, withSimulatedClusters },
        { runWorker },
        { engineVersion },
      ] = await Promise.all([
        import('../../config/load.ts'),
        import('../worker-options.ts'),
        import('../../worker/main.ts'),
        import('../../worker/engine-version.ts'),
      ]);
      const read = await loadConfig(options.config);
      const config = cluster === 'simulated' ? withSimulatedClusters(read) : read;
      const telemetry = telemetrySettings(metrics, engineVersion());
      await runWorker({
        config,
        temporal: temporalAccess(),
        environments: checkedEnvironments(config, environments),
        engine,
        ...(telemetry === undefined ? {} : { telemetry }),
        ...(probes === undefined ? {} : { probes }),
        ...(name === undefined ? {} : { name }),
        ...(cached === undefined ? {} : { cachedWorkflows: cached }),
        onReady: (queues) => terminal.note(`serves ${queues.join(', ')}; Ctrl-C ends it after what is under way`),
      });
    });
}
