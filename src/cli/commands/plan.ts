import type { Command } from 'commander';
import { aboutRelease, optionsOf, type WishOptions, wishOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Changes nothing: not the registry, not the clusters; the manifests are checked here and not published. The workers look at
what is there now, so the plan of a later environment is what would be done if the earlier ones went well. What would change in the
manifests is found here, from your files and the manifests of what runs there. What would change in the cluster is shown with the
plan that people are asked about: nobody but an environment's own worker reads its cluster.
Below the plans: the earliest time at which each environment could be entered, by the gates of this sluice.yaml and what runs now,
if steps took no time and people answered at once.

Examples:
  sluice plan iam 2026.11.3
  sluice plan iam 2026.11.3 --image iam@sha256:… --until staging --json`;

export function addPlan(program: Command, { terminal, exit }: Surroundings): void {
  aboutRelease(
    program.command('plan').description('what a release would do and how it would be undone; changes nothing'),
  )
    .option('--image <reference>', 'repository:tag or repository@sha256:… (default: the version as a tag)')
    .option('--manifests <digest>', 'manifests published beside the image already (default: those of your folder)')
    .option('--until <environment>', 'stop after this environment')
    .option('--ticket <reference>', 'the ticket that it would name, for gates that want one')
    .option('--allow-older', 'as if it asked to pass gates that let no older version over a newer one')
    .option('--hot-fix', 'as if it went before others that wait for their turn')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const options = optionsOf<WishOptions>(command);
      const { showPlan } = await import('../show-plan.ts');
      exit(await showPlan(wishOf(service, version, options), options.config, terminal));
    });
}
