import type { Command } from 'commander';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import type { CleanUp } from '../../legacy/judge.ts';
import { durationArgument, optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
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

interface CheckOptions extends Pick<Options, 'unusedFor'>, Partial<Pick<Options, 'lists' | 'lookIn'>> {
  readonly plan: string;
  readonly recordedWithin: number;
  readonly undo?: boolean;
}

const CHECK_HELP = `
Judges once more, with lists that were recorded just now, what the kept plan lets go. Refused is what somebody has used since, or refers to
now, what is not disabled (nobody could have missed it), what is in no list any more, and everything before the waiting time is over.
Removal stays a command that you run: each comes with how it is undone, for how long, and under what condition.
Blobs are summed by account and never removed one by one; nothing is asked of Azure.

Exit code: 0 everything in the plan may be removed now, 10 something is refused, 2 a list is wrong or too old.

Examples:
  sluice legacy check --plan plan.json --lists legacy --look-in manifests pipelines live
  sluice legacy check --plan plan.json --undo`;

const DAY_MS = 86_400_000;

export function addLegacy(program: Command, { terminal, exit }: Surroundings): void {
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
      const options = optionsOf<Options>(command);
      const { renderCleanUp, shownCleanUp } = await import('../render/legacy.ts');
      const plan = await judgeNow(options, new Date());
      if (terminal.json) terminal.sayJson(shownCleanUp(plan));
      else terminal.say(renderCleanUp(tame(shownCleanUp(plan)), terminal.paint));
    });
  legacy
    .command('check')
    .description(
      'just before removal: what of a kept plan may still go, and how everything is brought back; changes nothing',
    )
    .requiredOption('--plan <file>', 'the plan that was kept when things were disabled (sluice legacy plan --json)')
    .option('--lists <folder>', 'folder of the lists, recorded again')
    .option('--look-in <paths...>', 'folders and files in which whatever is named is in use, as they are now')
    .option(
      '--unused-for <duration>',
      'what was used within this time stays (default: 90d)',
      durationArgument,
      90 * DAY_MS,
    )
    .option('--recorded-within <duration>', 'lists that are older are refused (default: 1d)', durationArgument, DAY_MS)
    .option('--undo', 'print the way back of everything in the plan instead, last removed first')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', CHECK_HELP)
    .action(async (_: unknown, command: Command) => {
      const { plan: file, undo, lists, lookIn, recordedWithin, ...options } = optionsOf<CheckOptions>(command);
      const [{ readCleanUp }, { checkAgain }, { renderChecked, renderUndo }] = await Promise.all([
        import('../read-clean-up.ts'),
        import('../../legacy/check.ts'),
        import('../render/legacy.ts'),
      ]);
      const { items, removeNotBefore } = await readCleanUp(file);
      if (undo === true) {
        if (terminal.json) terminal.sayJson(items.toReversed());
        else terminal.say(renderUndo(tame(items)));
        return;
      }
      if (lists === undefined || lookIn === undefined)
        throw new ReleaseEngineError('input-invalid', 'without --lists and --look-in nothing can be checked', {
          remedy: 'Record the lists again and name where things are in use, or ask for the way back with --undo.',
        });
      const now = new Date();
      const recordedSince = new Date(now.getTime() - recordedWithin).toISOString();
      const { verdicts } = await judgeNow({ ...options, lists, lookIn, recordedSince, wait: 0 }, now);
      const checked = checkAgain(items, verdicts, { now, removeNotBefore });
      if (terminal.json) terminal.sayJson(checked);
      else terminal.say(renderChecked(tame(checked), terminal.paint));
      if (checked.some(({ mayBeRemoved }) => !mayBeRemoved)) exit(EXIT.unwell);
    });
}

async function judgeNow(
  {
    config: file,
    lists,
    lookIn,
    recordedSince,
    unusedFor,
    wait,
  }: Options & { readonly config?: string; readonly recordedSince?: string },
  now: Date,
): Promise<CleanUp> {
  const [{ loadConfig }, { planCleanUp }, { localRegistry }] = await Promise.all([
    import('../../config/load.ts'),
    import('../legacy-clean-up.ts'),
    import('../wire.ts'),
  ]);
  const config = await loadConfig(file);
  const places = Object.entries(config.environments);
  const look = { lists, lookIn, ...(recordedSince === undefined ? {} : { recordedSince }) };
  return planCleanUp(look, { now, unusedFor, wait }, async (host) => {
    const place = places.find(([, { registry }]) => registry.loginServer === host);
    return place === undefined ? undefined : (await localRegistry(config, place[0])).reader;
  });
}
