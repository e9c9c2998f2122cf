import { type Command, Option } from 'commander';
import type { OutcomeKind } from '../../domain/outcome.ts';
import { OUTCOMES } from '../../domain/outcome.ts';
import { WAIT_KINDS, type WaitKind } from '../../domain/waiting.ts';
import { countArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { renderList } from '../render/list.ts';
import { tame } from '../terminal.ts';

const HELP = `
What a release waits for is one word here, a moment behind; "sluice status" and "sluice board" say the whole of it.
With --environment a line is about the promotion into it: when that one has started, and how it has ended. With --waiting it is about
whatever waits, the release itself or its promotion.

Examples:
  sluice list --waiting
  sluice list --service iam --outcome rolled-back
  sluice list --environment production --running
  sluice list --rollbacks --service iam

Roll-backs that are under way stand before the releases, marked as such.`;

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly outcome?: OutcomeKind;
  readonly waiting?: true | WaitKind;
  readonly running?: boolean;
  readonly rollbacks?: boolean;
  readonly limit?: number;
}

export function addList(program: Command, { terminal }: Surroundings): void {
  program
    .command('list')
    .description('releases, newest first')
    .option('--service <name>', 'of this service')
    .option('--environment <name>', 'that are in this environment now')
    .addOption(new Option('--outcome <kind>', 'that ended so').choices(OUTCOMES))
    .addOption(new Option('--waiting [for]', 'that wait; only for this').choices(WAIT_KINDS))
    .option('--running', 'that have not ended')
    .option('--rollbacks', 'roll-backs instead of releases, also those that have ended')
    .option('--limit <count>', 'at most so many', countArgument, 50)
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { service, environment, outcome, waiting, running, rollbacks, limit, config } = optionsOf<Options>(command);
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
        ...(limit === undefined ? {} : { limit }),
      };
      const releases = await withClient((client) => client.list(request));
      const environments = environment === undefined ? [] : [environment];
      if (releases.length === 0) await assertKnown(config, { service, environments });
      if (terminal.json) terminal.sayJson(releases);
      else {
        const none = rollbacks === true ? 'no roll-back' : 'no release';
        const started = environment === undefined ? 'started' : 'started there';
        terminal.say(renderList(tame(releases), terminal.paint, { none, started }));
      }
    });
}
