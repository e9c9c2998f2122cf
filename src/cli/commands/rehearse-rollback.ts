import type { Command } from 'commander';
import { durationArgument, optionsOf, wordsArgument } from '../arguments.ts';
import type { RollbackRehearsalOptions } from '../rehearse-rollback.ts';
import type { Surroundings } from '../surroundings.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
Proves that the way back works, on a service that runs. As it stands it only looks, and changes nothing: whether there is a version to go
back to, whether its image and manifests are in the environment's registry by digest and can be pulled, whether its signatures still count
under today's rules, whether the cluster would take its manifests from this environment's worker (server-side dry run), the same for what
runs now, whether a stop, a hold or a promotion stands in the way, who would have to approve, and what would undo it.

With --for-real it goes back to that version and forward again to what runs now, each by a roll-back of its own, with its hold, its
approvals and its undo, and says how long each took from the asking until the version was proven to run. It begins only when everything
that can be looked at is well. The rehearsal goes on without this command, and comes forward also when it is cancelled. At its end it lifts
the hold that it has set, if everything is as it was. If it cannot come forward, it says what is left, and --finish does the rest.
Started again while one is under way, the command follows that one.

It counts as no change and no failure in "sluice metrics", and what it takes away stays a version that may be gone back to.

Where the path of a service ends are its users: there it takes --even-production as well. Between the two ways they have the old version.

Exit code: 0 the way back works, 3 it does not and nothing is left to do, 4 it was tried and undone, 7 it goes on, 20 something is left.

Examples:
  sluice rehearse rollback iam --environment staging
  sluice rehearse rollback iam --environment staging --for-real --yes --reason "before wave 2" --out rehearsals/iam-staging.json
  sluice rehearse rollback iam --environment staging --finish`;

type Options = RollbackRehearsalOptions & { readonly environment: string; readonly config?: string };

export function addRehearseRollback(rehearse: Command, { terminal, exit }: Surroundings): void {
  rehearse
    .command('rollback')
    .description('whether the way back works where a service runs, and how long it takes')
    .argument('<service>', 'service, as sluice.yaml names it')
    .requiredOption('--environment <name>', 'where')
    .option('--to <version>', 'the version to go back to (default: the one before)')
    .option('--for-real', 'go back and come forward again')
    .option('--reason <text>', 'why it is done for real, for the record', wordsArgument)
    .option('--yes', 'do not ask whether it is meant')
    .option('--even-production', 'also where the path of the service ends')
    .option('--finish', 'bring forward what an earlier rehearsal has left behind, and lift its hold')
    .option('--timeout <duration>', 'wait at most so long (exit code 7); it goes on', durationArgument)
    .option('--out <file>', 'write the report there as JSON too')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const fault = faultOf(options);
      if (fault !== undefined) wrongCall(command, fault);
      const { rehearseRollback } = await import('../rehearse-rollback.ts');
      exit(await rehearseRollback({ service, environment: options.environment }, options, terminal));
    });
}

function faultOf({ forReal, finish, reason, to, out, evenProduction }: Options): string | undefined {
  if (finish === true) {
    const others = {
      '--for-real': forReal,
      '--reason': reason,
      '--to': to,
      '--out': out,
      '--even-production': evenProduction,
    };
    const named = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    return named.length === 0
      ? undefined
      : `--finish goes where the earlier rehearsal came from: leave out ${named.join(', ')}`;
  }
  if (forReal === true) return reason === undefined ? '--for-real needs --reason: everybody there reads it' : undefined;
  if (reason !== undefined) return '--reason is of a rehearsal --for-real: looking needs none';
  return evenProduction === true ? '--even-production is of a rehearsal --for-real: looking needs no leave' : undefined;
}
