import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
With a version: undoes the promotion of that release that runs or needs attention.
Without: brings the environment back to a version that ran well there before (by default the one before the present one). The service is
held there first, so that nothing deploys again what is being taken away; lift it with "sluice hold lift". People approve it as they
approve any promotion there; gates are not asked.

Examples:
  sluice rollback iam --environment production --reason "errors in the log" --wait
  sluice rollback iam --environment production --to 2026.11.2 --reason "2026.11.3 loses sessions"
  sluice rollback iam 2026.11.3 --reason "stuck in staging"`;

interface Options {
  readonly environment?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly wait?: boolean;
}

export function addRollback(program: Command, surroundings: Surroundings): void {
  program
    .command('rollback')
    .description('bring an environment back to what ran well there before, or undo the promotion that runs')
    .argument('<service>', 'service, as sluice.yaml names it')
    .argument('[version]', 'release whose running promotion is undone')
    .option('--environment <name>', 'the environment that is meant')
    .option('--to <version>', 'the version to go back to (default: the one before)')
    .option('--reason <text>', 'why, for the record')
    .option('--wait', 'wait until it has ended; exit with its outcome')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string | undefined, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      if (version === undefined) return goBack(surroundings, service, options);
      if (options.to !== undefined) throw new InvalidArgumentError('Name a version or --to, not both.');
      return undo(surroundings, service, version, options);
    });
}

async function undo({ terminal }: Surroundings, service: string, version: string, { reason, environment }: Options) {
  const { withClient } = await import('../session.ts');
  const request = {
    ...{ service, version },
    ...(reason === undefined ? {} : { reason }),
    ...(environment === undefined ? {} : { environment }),
  };
  const answer = await withClient((client) => client.rollBack(request));
  if (terminal.json) terminal.sayJson(answer);
  else terminal.say(tame(answer.message));
}

async function goBack({ terminal, exit }: Surroundings, service: string, options: Options): Promise<void> {
  const { environment, to, reason, wait } = options;
  if (environment === undefined || reason === undefined)
    throw new InvalidArgumentError('Going back needs --environment and --reason.');
  const [{ withClient }, { exitOfOutcome }] = await Promise.all([import('../session.ts'), import('../exit-codes.ts')]);
  await withClient(async (client) => {
    const request = { service, environment, reason, ...(to === undefined ? {} : { to }) };
    const started = await client.startRollback(request);
    if (wait !== true) {
      if (terminal.json) return terminal.sayJson(started);
      const word = started.how === 'started' ? 'is started' : 'runs already; attached to it';
      return terminal.say(
        `rollback of ${service} in ${environment} ${word}\nsee it:  sluice environment ${environment}`,
      );
    }
    const result = await client.waitForRollback(service, environment);
    if (terminal.json) terminal.sayJson({ ...started, ...result });
    else terminal.say(tame(`${result.outcome.kind}: ${result.outcome.reason}`));
    exit(exitOfOutcome(result.outcome.kind));
  });
}
