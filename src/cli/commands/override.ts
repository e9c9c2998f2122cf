import type { Command } from 'commander';
import { aboutRelease, optionsOf, wordsArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { withTimes } from '../render/time.ts';
import { tame } from '../terminal.ts';

const HELP = `
Signed like an approval, for exactly one plan. Each gate names the groups whose members may pass it ("override" in sluice.yaml; "overrides"
for stop and hold). Whoever started the release may not.

Example:
  sluice override iam 2026.11.3 --gate freeze --reason "hot-fix for INC-4711"`;

interface Options {
  readonly config?: string;
  readonly environment?: string;
  readonly gate: readonly string[];
  readonly reason: string;
  readonly plan?: string;
}

export function addOverride(program: Command, { terminal }: Surroundings): void {
  aboutRelease(program.command('override').description('let one promotion pass gates that are closed; needs a reason'))
    .requiredOption('--gate <name...>', 'the gates, as "sluice status" names them')
    .requiredOption('--reason <text>', 'why', wordsArgument)
    .option('--environment <name>', 'the environment that it waits for (default: the one that waits)')
    .option('--plan <digest>', 'only for this plan')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { environment, gate: gates, reason, plan, config } = optionsOf<Options>(command);
      const [{ withClient }, { orMisspelt }, { currentSigner }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
        import('../login/signer.ts'),
      ]);
      const signer = currentSigner();
      const request = {
        ...{ service, version, gates, reason },
        ...(environment === undefined ? {} : { environment }),
        ...(plan === undefined ? {} : { plan }),
        ...(signer === undefined ? {} : { signer }),
      };
      const given = await orMisspelt(config, request, () => withClient((client) => client.override(request)));
      if (terminal.json) terminal.sayJson(given);
      else terminal.say(withTimes(tame(given.reply.message)));
    });
}
