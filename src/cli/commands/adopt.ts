import type { Command } from 'commander';
import { optionsOf, wordsArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
For what runs already, brought there by another pipeline or by hand. It finds the digest that the pods run, whether it is in the registry of
the environment and signed, and what the manifests of the service would change there, and says everything at once that is missing. Without
--yes it only reports. With --yes it remembers what runs as the version that the next release replaces and "sluice rollback" brings back.
Nothing that runs is touched: no object of the cluster, no image, no tag, no lock. A soak begins at that moment.

The manifests have to lie beside the image: --publish puts those of the service's folder there (as you, so you need the right to push to the
registry of the environment), --manifests names some that are there. Then the report says how they differ from what stands in the cluster.

--yes is a signed word, like an approval, of somebody of the groups that the environment asks about promotions, for exactly what was found:
when that changes meanwhile, nothing is adopted. --found takes only what an earlier report showed.

A service that has no entry in sluice.yaml or no manifests yet gets a draft of both from what kubectl has recorded (--live); Secrets are left out.

An image that is not signed can be adopted, and is marked so: a roll-back to it is refused until it is signed; a first release that fails is put back to it.

Exit code: 0 it can be adopted, or is; 10 something is missing; 3 refused.

Examples:
  kubectl --namespace iam get all,configmaps,ingresses -o json > live.json
  sluice adopt iam --environment production --live live.json --write draft
  sluice adopt iam --environment production
  sluice adopt iam 2026.10.4 --environment production --publish
  sluice adopt iam 2026.10.4 --environment production --yes --reason "moves over from the old pipeline, wave 2"`;

interface Options {
  readonly environment: string;
  readonly manifests?: string;
  readonly live?: string;
  readonly write?: string;
  readonly publish?: boolean;
  readonly found?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
}

export function addAdopt(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('adopt')
    .description('take a service that runs already into management, without touching it')
    .argument('<service>', 'service, as sluice.yaml names it')
    .argument('[version]', 'what it is to be called (default: the tag that it runs under, where that still means it)')
    .requiredOption('--environment <name>', 'where it runs')
    .option('--manifests <digest>', 'manifests that lie beside the image already')
    .option('--publish', "publish the manifests of the service's folder beside the image, and compare them")
    .option(
      '--live <file>',
      'objects that kubectl has recorded: drafts what sluice.yaml and the manifests lack, and asks nobody',
    )
    .option('--write <folder>', 'where that draft is written (default: it is shown)')
    .option('--dry-run', 'only report (the default)')
    .option('--yes', 'adopt it; needs --reason')
    .option('--found <digest>', 'only what an earlier report showed')
    .option('--reason <text>', 'why, for the record', wordsArgument)
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string | undefined, _: unknown, command: Command) => {
      const { config, dryRun, yes, reason, ...options } = optionsOf<Options>(command);
      if (dryRun === true && yes === true) wrongCall(command, 'say --dry-run or --yes, not both');
      if (yes === true && reason === undefined) wrongCall(command, "--yes needs '--reason <text>'");
      if (options.publish === true && options.manifests !== undefined)
        wrongCall(command, 'say --publish or --manifests, not both');
      const { environment, manifests, publish, found, live, write } = options;
      if (live !== undefined && yes === true)
        wrongCall(command, 'a draft (--live) adopts nothing: say --yes without it');
      if (live === undefined && write !== undefined) wrongCall(command, "--write needs '--live <file>'");
      if (live !== undefined) {
        const { draftAdoption } = await import('../draft-adoption.ts');
        return exit(
          await draftAdoption({ service, environment, live, ...(write === undefined ? {} : { write }) }, terminal),
        );
      }
      const { adopt } = await import('../adopt.ts');
      const wish = {
        ...{ service, environment, publish: publish === true || (yes === true && manifests === undefined) },
        ...(version === undefined ? {} : { version }),
        ...(manifests === undefined ? {} : { manifests }),
        ...(found === undefined ? {} : { found }),
        ...(yes === true && reason !== undefined ? { reason } : {}),
      };
      exit(await adopt(wish, config, terminal));
    });
}
