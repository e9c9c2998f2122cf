import type { Command } from 'commander';
import { durationArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import { momentArgument, momentOf } from './audit.ts';

const HELP = `
From promotions that have ended in the time that is asked about, by the histories that the engine's server still has; a worker is not needed.
Each figure says on how many runs it rests, and why where nobody can tell. What they mean exactly: docs/metrics.md.

  the organisation's    build-time, promotion-time, promotion-work (without waits), failure-rate, signed-images, digest-references
  DORA's four           deployment-frequency, lead-time, change-failure-rate, time-to-restore

Build time and lead time need what only a pipeline knows: "sluice start --build-took 27m --committed-at 2026-11-23T08:15:00Z".

Examples:
  sluice metrics
  sluice metrics --service iam --since 180d --every 30d
  sluice metrics --baseline before.yaml            # promotion-time: 20m, failure-rate: 12% …
  sluice metrics --since 2026-10-01 --until 2026-11-01 --json`;

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly since?: string;
  readonly until?: string;
  readonly every?: number;
  readonly baseline?: string;
  readonly config?: string;
}

const USUAL = '90d';

export function addMetrics(program: Command, { terminal }: Surroundings): void {
  program
    .command('metrics')
    .description('how fast and how safely releases arrive: the success figures and those of DORA, from real runs')
    .option('--service <name>', 'of this service alone')
    .option('--environment <name>', 'where deployments count (default: the end of each path, as its journeys tell)')
    .option('--since <time>', 'from then on: a time, a day, or how long ago (default: 90d)', spanOrTime)
    .option('--until <time>', 'until then, in the same forms (default: now)', spanOrTime)
    .option('--every <duration>', 'in periods of this length', durationArgument)
    .option('--baseline <file>', 'compare with the figures of before in this YAML file')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { service, environment, every, baseline: file, config, ...options } = optionsOf<Options>(command);
      const now = Date.now();
      const request = {
        since: isoOf(options.since ?? USUAL, now),
        until: options.until === undefined ? new Date(now).toISOString() : isoOf(options.until, now),
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
        ...(every === undefined ? {} : { everyMs: every }),
      };
      const [{ withClient }, { assertKnown }, { readBaseline }, { compared, renderMetrics }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
        import('../read-baseline.ts'),
        import('../render/metrics.ts'),
      ]);
      const baseline = file === undefined ? undefined : readBaseline(file);
      const metrics = await withClient((client) => client.metrics(request));
      const environments = environment === undefined ? [] : [environment];
      if (metrics.runs === 0) await assertKnown(config, { service, environments });
      if (terminal.json) terminal.sayJson(baseline === undefined ? metrics : compared(metrics, baseline));
      else terminal.say(renderMetrics(tame(metrics), baseline, terminal.paint));
    });
}

/** Checked here, reckoned later: "7d" is meant before the same moment wherever it stands. */
function spanOrTime(text: string): string {
  momentArgument(text);
  return text;
}

function isoOf(text: string, now: number): string {
  return new Date(momentOf(text, now) ?? now).toISOString();
}
