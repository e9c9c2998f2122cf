import { type Command, Option } from 'commander';
import type { OutcomeKind } from '../../domain/outcome.ts';
import { OUTCOMES } from '../../domain/outcome.ts';
import { OBSERVED_VERDICTS, type ObservedVerdict } from '../../domain/observed.ts';
import { WAIT_KINDS, type WaitKind } from '../../domain/waiting.ts';
import { countArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { renderList } from '../render/list.ts';
import { tame } from '../terminal.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
What a release waits for is one word here, a moment behind; "sluice status" and "sluice board" say the whole of it.
With --environment a line is about the promotion into it: when that one has started, and how it has ended. With --waiting it is about
whatever waits, the release itself or its promotion.

Examples:
  sluice list --waiting
  sluice list --service iam --outcome rolled-back
  sluice list --environment production --running
  sluice list --rollbacks --service iam
  sluice list --observations --outcome would-be-refused

Roll-backs that are under way stand before the releases, marked as such.`;

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly outcome?: OutcomeKind | ObservedVerdict;
  readonly waiting?: true | WaitKind;
  readonly running?: boolean;
  readonly rollbacks?: boolean;
  readonly observations?: boolean;
  readonly limit?: number;
}

export function addList(program: Command, { terminal }: Surroundings): void {
  program
    .command('list')
    .description('releases, newest first')
    .option('--service <name>', 'of this service')
    .option('--environment <name>', 'that are in this environment now')
    .addOption(new Option('--outcome <kind>', 'that ended so').choices([...OUTCOMES, ...OBSERVED_VERDICTS]))
    .addOption(new Option('--waiting [for]', 'that wait; only for this').choices(WAIT_KINDS))
    .option('--running', 'that have not ended')
    .option('--rollbacks', 'roll-backs instead of releases, also those that have ended')
    .option('--observations', 'what "start --observe" has found, instead of releases: each run with its verdict')
    .option('--limit <count>', 'at most so many', countArgument, 50)
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { config, limit, ...options } = optionsOf<Options>(command);
      const { service, environment, outcome, waiting, running, rollbacks, observations } = options;
      assertFits(command, options);
      const [{ withClient }, { assertKnown }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
      ]);
      const request = {
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(waiting === undefined ? {} : { waiting }),
        ...(running === undefined ? {} : { running }),
        ...(rollbacks === undefined ? {} : { rollbacks }),
        ...(observations === undefined ? {} : { observations }),
        ...(limit === undefined ? {} : { limit }),
      };
      const releases = await withClient((client) => client.list(request));
      const environments = environment === undefined ? [] : [environment];
      if (releases.length === 0) await assertKnown(config, { service, environments });
      if (terminal.json) terminal.sayJson(releases);
      else {
        const none = observations === true ? 'no observation' : rollbacks === true ? 'no roll-back' : 'no release';
        const started = environment === undefined ? 'started' : 'started there';
        terminal.say(renderList(tame(releases), terminal.paint, { none, started }));
      }
    });
}

/** What nothing could be found by. */
function assertFits(command: Command, { environment, waiting, rollbacks, observations, outcome }: Options): void {
  const isVerdict = OBSERVED_VERDICTS.some((one) => one === outcome);
  if (observations !== true) {
    if (isVerdict) wrongCall(command, `--outcome ${outcome}: only with --observations`);
    return;
  }
  const names = Object.entries({ '--environment': environment, '--waiting': waiting, '--rollbacks': rollbacks });
  const given = names.filter(([, value]) => value !== undefined).map(([name]) => name);
  if (given.length > 0) wrongCall(command, `${given.join(', ')}: not with --observations`);
  if (outcome !== undefined && !isVerdict)
    wrongCall(command, `--outcome ${outcome}: observations have one of ${OBSERVED_VERDICTS.join(', ')}`);
}
