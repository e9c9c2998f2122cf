import type { Command } from 'commander';
import { aboutRelease, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Changes nothing: not the registry, not the clusters; the manifests are checked here and not published. The workers look at
what is there now, so the plan of a later environment is what would be done if the earlier ones went well.

Examples:
  sluice plan iam 2026.11.3
  sluice plan iam 2026.11.3 --image iam@sha256:… --until staging --json`;

interface Options {
  readonly image?: string;
  readonly until?: string;
}

export function addPlan(program: Command, { terminal, exit }: Surroundings): void {
  aboutRelease(
    program.command('plan').description('what a release would do and how it would be undone; changes nothing'),
  )
    .option('--image <reference>', 'repository:tag or repository@sha256:… (default: the version as a tag)')
    .option('--until <environment>', 'stop after this environment')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { image, until, config } = optionsOf<Options>(command);
      const { showPlan } = await import('../show-plan.ts');
      const wish = {
        service,
        version,
        ...(image === undefined ? {} : { image }),
        ...(until === undefined ? {} : { until }),
      };
      exit(await showPlan(wish, config, terminal));
    });
}
