import type { Command } from 'commander';
import { aboutRelease, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import type { WrittenFacts } from '../gate-facts.ts';

const HELP = `
Reads sluice.yaml and nothing else; what runs where is what --running says. A version stands for its image: the same version
is the same image. Nobody overrides here. External checks are asked with --call only, with the secrets of this machine.

Exit code: 0 every gate says yes, 7 at least one waits, 3 at least one says no.

Examples:
  sluice gates test iam 2026.11.3 --environment production --at '2026-12-24T16:00[Europe/Berlin]'
  sluice gates test iam 2026.11.3 --environment production --running staging=2026.11.3@2026-11-20T08:00Z`;

export function addGates(program: Command, { terminal, exit }: Surroundings): void {
  const gates = program.command('gates').description('the rules that must say yes before a promotion enters');
  aboutRelease(gates.command('test').description('what every gate of an environment would say'))
    .requiredOption('--environment <name>', 'environment that it would enter')
    .option('--at <time>', 'time, with offset or [zone], else local (default: now)')
    .option('--ticket <ticket>', 'ticket that the release names')
    .option('--requested-by <name>', 'who starts it (default: you)')
    .option('--running <environment=version@time...>', 'what runs somewhere and since when')
    .option('--allow-older', 'the release asked for an older version')
    .option('--call', 'really ask external checks (default: nobody is asked, and they wait)')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const options = optionsOf<Omit<WrittenFacts, 'service' | 'version'> & { readonly call?: true }>(command);
      const [{ currentUser, loadConfig }, { gateFacts }, { askOutside, exitOfTrial, testGates }, { renderGates }] =
        await Promise.all([
          import('../../config/load.ts'),
          import('../gate-facts.ts'),
          import('../test-gates.ts'),
          import('../render/gates.ts'),
        ]);
      const config = await loadConfig(options.config);
      const facts = gateFacts({ ...options, service, version }, new Date(), await currentUser());
      const { localChecks } = await import('../wire.ts');
      const asked =
        options.call === true ? await askOutside(config, facts, await localChecks(config, facts.environment)) : facts;
      const trial = testGates(config, asked);
      if (terminal.json) terminal.sayJson(trial);
      else terminal.say(renderGates(tame(trial), terminal.paint));
      exit(exitOfTrial(trial));
    });
}
