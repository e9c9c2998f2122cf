import type { Command } from 'commander';
import { durationArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Judges what was there before Sluice and prints what may go, why the rest stays, and how many bytes are saved. Changes nothing: each thing
that may go comes with the command that disables it, the one that takes that back, and the one that removes it after the waiting time.

Something may go when nothing refers to it, its last use is known and long ago, and it is known not to be locked. What could not be found
out stays. An index that stays keeps its platforms, an image its signatures.

Lists, as "az … -o json" prints them, in the folder --lists; one that is missing leaves unknown what it would have told:
  storage-accounts.json          az storage account list
  blobs/<account>.json           az storage blob list (every container; last access needs access time tracking)
  locks.json                     az lock list
  pipelines.json                 az pipelines list
  pipeline-runs.json             az pipelines runs list
  images/<host>/<repository>.json  az acr manifest list-metadata
  pulls.json                     az monitor log-analytics query: ContainerRegistryRepositoryEvents
                                 | where OperationName == "Pull" | summarize max(TimeGenerated) by LoginServer, Repository, Digest
                                 (with the column named TimeGenerated)

References are looked for in every file below --look-in: manifests, pipelines, sluice.yaml, and what is recorded beside them, such as
"kubectl get all,cronjobs -A -o json" and "sluice board --json". Images are read in the registries of sluice.yaml.

Exit code: 0 judged, 2 a list is wrong (all problems are told, a duplicate as well) or a folder cannot be read.

Examples:
  sluice legacy plan --lists legacy --look-in manifests pipelines live
  sluice legacy plan --lists legacy --look-in . --unused-for 180d --wait 30d --json`;

interface Options {
  readonly lists: string;
  readonly lookIn: readonly string[];
  readonly unusedFor: number;
  readonly wait: number;
}

const DAY_MS = 86_400_000;

export function addLegacy(program: Command, { terminal }: Surroundings): void {
  const legacy = program
    .command('legacy')
    .description('what was there before Sluice: what may go, and what still needs it');
  legacy
    .command('plan')
    .description(
      'inventory of legacy storage, pipelines and images, with a checked list of what may go; changes nothing',
    )
    .requiredOption('--lists <folder>', 'folder of the recorded lists')
    .requiredOption('--look-in <paths...>', 'folders and files in which whatever is named is in use')
    .option(
      '--unused-for <duration>',
      'what was used within this time stays (default: 90d)',
      durationArgument,
      90 * DAY_MS,
    )
    .option('--wait <duration>', 'time between disabling and removing (default: 30d)', durationArgument, 30 * DAY_MS)
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { config: file, lists, lookIn, unusedFor, wait } = optionsOf<Options>(command);
      const [{ loadConfig }, { planCleanUp }, { renderCleanUp, shownCleanUp }, { localRegistry }] = await Promise.all([
        import('../../config/load.ts'),
        import('../legacy-clean-up.ts'),
        import('../render/legacy.ts'),
        import('../wire.ts'),
      ]);
      const config = await loadConfig(file);
      const places = Object.entries(config.environments);
      const plan = await planCleanUp({ lists, lookIn }, { now: new Date(), unusedFor, wait }, async (host) => {
        const place = places.find(([, { registry }]) => registry.loginServer === host);
        return place === undefined ? undefined : (await localRegistry(config, place[0])).reader;
      });
      if (terminal.json) terminal.sayJson(shownCleanUp(plan));
      else terminal.say(renderCleanUp(tame(shownCleanUp(plan)), terminal.paint));
    });
}
