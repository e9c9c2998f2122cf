import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Sends one event of type urn:x-sluice:event:test:test:v1 to each receiver of sluice.yaml, once, with the variables and files of
this machine: the engine's worker has its own.

Exit code: 0 every receiver took it, 20 at least one did not.

Examples:
  sluice notifications test
  sluice notifications test --name ops --json`;

export function addNotifications(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('notifications')
    .description('who is told what happens to releases')
    .command('test')
    .description('tell them something without meaning, and say what came back')
    .option('--name <receiver>', 'only this one')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { name, config } = optionsOf<{ readonly name?: string }>(command);
      const [{ currentUser, loadConfig }, { localNotifier }, { testNotifications }, { renderNotifications }] =
        await Promise.all([
          import('../../config/load.ts'),
          import('../wire.ts'),
          import('../test-notifications.ts'),
          import('../render/notifications.ts'),
        ]);
      const loaded = await loadConfig(config);
      const trial = await testNotifications(loaded, await localNotifier(loaded), {
        name,
        by: await currentUser(),
        now: new Date(),
      });
      if (terminal.json) terminal.sayJson(trial);
      else terminal.say(renderNotifications(tame(trial), terminal.paint));
      exit(trial.trials.every((one) => one.delivered) ? EXIT.ok : EXIT.failed);
    });
}
