import type { Command } from 'commander';
import { optionsOf, spanArgument, wordsArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const HOLD_HELP = `
A held service gets nothing new in that environment until somebody lifts the hold. What runs there stays.

Examples:
  sluice hold set iam --environment production --reason "rolled back by hand, see INC-4711"
  sluice hold lift iam --environment production`;

interface Scope {
  readonly environment?: readonly string[];
  readonly reason?: string;
  readonly for?: number;
}

export function addHolds(program: Command, surroundings: Surroundings): void {
  const hold = program
    .command('hold')
    .description('keep new versions of a service out of an environment, or let them in again')
    .addHelpText('after', HOLD_HELP);
  forService(hold.command('set').description('keep new versions out'))
    .requiredOption('--reason <text>', 'why; everybody reads it', wordsArgument)
    .option('--for <duration>', 'when it ends by itself (default: not at all)', spanArgument)
    .action(async (service: string, _: unknown, command: Command) => {
      const { environment = [], reason = '', for: forMs, config } = optionsOf<Scope>(command);
      const { inEach } = await import('../in-environments.ts');
      await inEach({ ...surroundings, environments: environment, service, config }, (client, one) =>
        client.hold({ environment: one, service, reason, ...(forMs === undefined ? {} : { forMs }) }),
      );
    });
  forService(hold.command('lift').description('let new versions in again'))
    .option('--reason <text>', 'why')
    .action(async (service: string, _: unknown, command: Command) => {
      const { environment = [], reason, config } = optionsOf<Scope>(command);
      const { inEach } = await import('../in-environments.ts');
      await inEach({ ...surroundings, environments: environment, service, config }, (client, one) =>
        client.liftHold({ environment: one, service, ...(reason === undefined ? {} : { reason }) }),
      );
    });
}

function forService(command: Command): Command {
  return command
    .argument('<service>', 'service, as sluice.yaml names it')
    .requiredOption('--environment <name...>', 'where')
    .option('--json', 'one JSON value on stdout');
}
