import type { Command } from 'commander';
import { aboutRelease, durationArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Ends with the exit code of the release's outcome. While a roll-back brings its version back somewhere, that is followed too. Ctrl-C ends the watching, not the release.

Examples:
  sluice watch iam 2026.11.3
  sluice watch iam 2026.11.3 --timeout 30m --json`;

export function addWatch(program: Command, { terminal, exit }: Surroundings): void {
  aboutRelease(program.command('watch').description('follow a release, one line per step, until it ends'))
    .option('--timeout <duration>', 'stop watching after this time (exit code 7)', durationArgument)
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { timeout } = optionsOf<{ readonly timeout?: number }>(command);
      const [{ withClient }, { follow }] = await Promise.all([import('../session.ts'), import('../follow.ts')]);
      exit(
        await withClient((client) =>
          follow(client, { service, version }, terminal, { timeoutMs: timeout, events: true, rollbacks: true }),
        ),
      );
    });
}
