import type { Command } from 'commander';
import { optionsOf, spanArgument, wordsArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const STOP_HELP = `
Everything in scope pauses at its next safe point, and nothing new enters, until the stop ends by itself or is lifted. What is being undone
goes on. Said again for the same scope it moves the end; --incident is kept unless another is given. One release may pass it: "sluice override … --gate stop".
Each environment is told on its own: one that does not answer makes the exit code, and keeps no other from stopping. Names are checked before
anybody is told anything, where there is a sluice.yaml.

Examples:
  sluice stop --reason "errors everywhere" --incident INC-4711 --for 2h
  sluice stop --environment production --service iam --reason "data is being repaired" --for 30m
  sluice thaw --environment production`;

const THAW_HELP = `
It lifts the stop on every service, or with --service the one on that service. Without --environment it does so wherever there is one.

Example:
  sluice thaw --environment production --reason "it was the load balancer"`;

interface Scope {
  readonly environment?: readonly string[];
  readonly service?: string;
  readonly reason?: string;
  readonly incident?: string;
  readonly for?: number;
}

export function addStops(program: Command, surroundings: Surroundings): void {
  addStop(program, surroundings);
  addThaw(program, surroundings);
}

function addStop(program: Command, surroundings: Surroundings): void {
  inEnvironments(program.command('stop').description('stop an environment, or all of them, for a while'))
    .requiredOption('--reason <text>', 'why; everybody reads it', wordsArgument)
    .requiredOption('--for <duration>', 'when it ends by itself', spanArgument)
    .option('--incident <reference>', 'number or address of the incident')
    .addHelpText('after', STOP_HELP)
    .action(async (_: unknown, command: Command) => {
      const { environment, service, reason = '', incident, for: forMs, config } = optionsOf<Scope>(command);
      const { inEach } = await import('../in-environments.ts');
      await inEach({ ...surroundings, environments: environment, service, config }, (client, one) =>
        client.stop({
          environment: one,
          reason,
          ...(service === undefined ? {} : { service }),
          ...(incident === undefined ? {} : { incident }),
          ...(forMs === undefined ? {} : { forMs }),
        }),
      );
    });
}

function addThaw(program: Command, surroundings: Surroundings): void {
  inEnvironments(program.command('thaw').description('lift a stop before it ends by itself'))
    .option('--reason <text>', 'why')
    .addHelpText('after', THAW_HELP)
    .action(async (_: unknown, command: Command) => {
      const { environment, service, reason, config } = optionsOf<Scope>(command);
      const { inEach } = await import('../in-environments.ts');
      await inEach({ ...surroundings, environments: environment, service, config }, (client, one) =>
        client.thaw({
          environment: one,
          ...(service === undefined ? {} : { service }),
          ...(reason === undefined ? {} : { reason }),
        }),
      );
    });
}

function inEnvironments(command: Command): Command {
  return command
    .option('--environment <name...>', 'only these (default: every environment of sluice.yaml)')
    .option('--service <name>', 'only this service')
    .option('--json', 'one JSON value on stdout');
}
