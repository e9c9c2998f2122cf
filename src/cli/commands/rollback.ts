import type { Command } from 'commander';
import { durationArgument, optionsOf, wordsArgument } from '../arguments.ts';
import {
  PIPELINE_HELP,
  type WrittenPipelineOptions,
  assertWaits,
  inPipelines,
  pipelineOf,
} from '../pipeline/options.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
With a version: undoes the promotion of that release that runs or needs attention.
Without: brings the environment back to a version that ran well there before. By default that is the one before the present one; what was
rolled back from is never gone back to unless --to names it. Without --to it is refused while another promotion is inside, and when another
version runs there by the time it gets in: it says who is in the way. The service is held there first, so that nothing deploys again what is
being taken away; lift it with "sluice hold lift". People approve it as they approve any promotion there. Gates are not asked, and stops and
holds are passed: a stop keeps out what is new. It says which promotion it has started, and the command that approves it.

Examples:
  sluice rollback iam --environment production --reason "errors in the log" --wait
  sluice rollback iam --environment production --to 2026.11.2 --reason "2026.11.3 loses sessions"
  sluice rollback iam 2026.11.3 --reason "stuck in staging"
${PIPELINE_HELP}`;

interface Options extends WrittenPipelineOptions {
  readonly config?: string;
  readonly environment?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
}

export function addRollback(program: Command, surroundings: Surroundings): void {
  const { terminal, exit } = surroundings;
  const rollback = program
    .command('rollback')
    .description('bring an environment back to what ran well there before, or undo the promotion that runs')
    .argument('<service>', 'service, as sluice.yaml names it')
    .argument('[version]', 'release whose running promotion is undone')
    .option('--environment <name>', 'the environment that is meant')
    .option('--to <version>', 'the version to go back to (default: the one before)')
    .option('--reason <text>', 'why, for the record', wordsArgument)
    .option('--wait', 'follow it until it has ended; exit with its outcome')
    .option('--timeout <duration>', 'wait at most so long (exit code 7); the roll-back goes on', durationArgument)
    .option('--json', 'one JSON value on stdout');
  inPipelines(rollback, 'rollback')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string | undefined, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { environment, reason, to, wait, timeout, config } = options;
      if (wait !== true || version !== undefined) assertWaits(command, options);
      if (version !== undefined) {
        if (to !== undefined) wrongCall(command, 'name a version or --to, not both');
        return undo(surroundings, service, version, options);
      }
      if (environment === undefined || reason === undefined) wrongCall(command, missing(environment, reason));
      const pipeline = await pipelineOf(command, options);
      const { goBack } = await import('../go-back.ts');
      const wish = { service, environment, reason, config, ...(to === undefined ? {} : { to }) };
      exit(await goBack(wish, terminal, { wait: wait === true, timeoutMs: timeout, pipeline }));
    });
}

function missing(environment: string | undefined, reason: string | undefined): string {
  const options = [
    ...(environment === undefined ? ["'--environment <name>'"] : []),
    ...(reason === undefined ? ["'--reason <text>'"] : []),
  ];
  return `going back needs ${options.join(' and ')}, or name the version whose promotion is to be undone`;
}

async function undo({ terminal }: Surroundings, service: string, version: string, options: Options): Promise<void> {
  const { reason, environment, config } = options;
  const [{ withClient }, { orMisspelt }] = await Promise.all([import('../session.ts'), import('../known-names.ts')]);
  const request = {
    ...{ service, version },
    ...(reason === undefined ? {} : { reason }),
    ...(environment === undefined ? {} : { environment }),
  };
  const answer = await orMisspelt(config, request, () => withClient((client) => client.rollBack(request)));
  if (terminal.json) terminal.sayJson(answer);
  else terminal.say(tame(answer.message));
}
