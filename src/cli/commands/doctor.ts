import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Looks at everything as you, on this machine: workers have identities of their own. Changes nothing: the apply of manifests is
a dry run. Rights that cannot be tried without using them (import, lock, delete) are named as not tried.

Examples:
  sluice doctor
  sluice doctor --json | jq '.[] | select(.state != "well")'`;

export function addDoctor(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('doctor')
    .description('check configuration, signers, Temporal, queues, registries, clusters and rights')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { config } = optionsOf(command);
      const [{ examine }, { renderFindings }] = await Promise.all([
        import('../doctor/examine.ts'),
        import('../doctor/render-findings.ts'),
      ]);
      const findings = await examine(config);
      if (terminal.json) terminal.sayJson(findings);
      else terminal.say(renderFindings(tame(findings), terminal.paint));
      exit(findings.some((one) => one.state === 'unwell') ? EXIT.unwell : EXIT.ok);
    });
}
