import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Examples:
  sluice environment                # every environment of sluice.yaml
  sluice environment production --json`;

export function addEnvironment(program: Command, { terminal }: Surroundings): void {
  program
    .command('environment')
    .description(
      'what restrains an environment and did before, what runs there, who changes it now and who waits for their turn',
    )
    .argument('[name...]', 'environments (default: every one of sluice.yaml)')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (names: readonly string[], _: unknown, command: Command) => {
      const { config } = optionsOf(command);
      const [{ withClient }, { isUntouched }, { assertKnown }, { loadConfig }, { renderEnvironment }] =
        await Promise.all([
          import('../session.ts'),
          import('../../client/index.ts'),
          import('../known-names.ts'),
          import('../../config/load.ts'),
          import('../render/environment.ts'),
        ]);
      const asked = names.length > 0 ? names : Object.keys((await loadConfig(config)).environments);
      const known = await withClient((client) => Promise.all(asked.map((name) => client.environment(name))));
      const untouched = known.filter(isUntouched).map((one) => one.environment);
      if (untouched.length > 0) await assertKnown(config, { environments: untouched });
      if (terminal.json) return terminal.sayJson(known);
      terminal.say(known.map((one) => renderEnvironment(tame(one), terminal.paint)).join('\n\n'));
    });
}
