import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { renderCheck, renderGuardians } from '../render/guardian.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
A guardian keeps looking whether everything is still as the last promotion left it; which environments have one, and what it does
about what it finds, says "guardian" of the environment in sluice.yaml (docs/guardian.md). It looks in rounds, and at once when a
workload is changed in the cluster. What it finds is looked at twice before it says so. --check has one look at once, and starts it
where none has been started yet.

Exit code: 0 all is as it was left, 10 something is not.

Examples:
  sluice guardian
  sluice guardian --environment production --json
  sluice guardian --environment production --service iam --check`;

interface Options {
  readonly environment?: string;
  readonly service?: string;
  readonly check?: boolean;
}

export function addGuardian(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('guardian')
    .description('what is not as its promotion left it, and when somebody looked last')
    .option('--environment <name>', 'only there')
    .option('--service <name>', 'only of this service')
    .option('--check', 'look now (needs --environment and --service)')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { environment, service, check, config } = optionsOf<Options>(command);
      const [{ withClient }, { assertKnown }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
      ]);
      const names = { service, environments: environment === undefined ? [] : [environment] };
      if (check === true) {
        if (environment === undefined || service === undefined)
          return wrongCall(command, '--check needs --environment and --service');
        await assertKnown(config, names);
        const answer = await withClient((client) => client.checkGuardian({ environment, service }));
        if (terminal.json) terminal.sayJson(answer);
        else terminal.say(renderCheck(tame(answer), terminal.paint));
        return exit(answer.seen.length === 0 ? EXIT.ok : EXIT.unwell);
      }
      const request = {
        ...(environment === undefined ? {} : { environment }),
        ...(service === undefined ? {} : { service }),
      };
      const guardians = await withClient((client) => client.guardians(request));
      if (guardians.length === 0) await assertKnown(config, names);
      if (terminal.json) terminal.sayJson(guardians);
      else terminal.say(renderGuardians(tame(guardians), terminal.paint));
      exit(guardians.every((one) => one.findings.length === 0) ? EXIT.ok : EXIT.unwell);
    });
}
