import type { Command } from 'commander';
import type { Decision } from '../../domain/approval.ts';
import { aboutRelease, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = (verb: string): string => `
You answer as whoever is logged in ("sluice login"), with a signature over what you decide on. Without a login you answer as
SLUICE_USER, else as the user of this machine, which counts only where the environment takes names on trust. You answer for exactly one
plan: the one that waits now, or the one whose digest you name with --plan (then a plan that has changed since you looked is not answered).

Examples:
  sluice ${verb} iam 2026.11.3 --reason "looked at the dashboards"
  sluice ${verb} iam 2026.11.3 --environment production --plan sha256:…${verb === 'reject' ? ' --reason "errors in staging"' : ''}`;

interface Options {
  readonly config?: string;
  readonly environment?: string;
  readonly reason?: string;
  readonly plan?: string;
  readonly as?: string;
  readonly signal?: boolean;
}

export function addAnswers(program: Command, surroundings: Surroundings): void {
  addAnswer(program, surroundings, 'approve', 'say yes to the promotion that waits');
  addAnswer(program, surroundings, 'reject', 'say no to the promotion that waits; needs a reason');
}

function addAnswer(program: Command, { terminal }: Surroundings, decision: Decision, description: string): void {
  aboutRelease(program.command(decision).description(description))
    .option('--environment <name>', 'the environment that asks (default: the one that waits)')
    .option('--reason <text>', 'why')
    .option('--plan <digest>', 'answer only this plan')
    .option('--as <name>', 'another name of yours')
    .option(
      '--signal',
      'leave the answer with the server; with --plan no worker has to run; nobody tells whether it counted',
    )
    .addHelpText('after', HELP(decision))
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { environment, reason, plan, as: approver, signal, config } = optionsOf<Options>(command);
      const [{ withClient }, { orMisspelt }, { currentSigner }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
        import('../login/signer.ts'),
      ]);
      const signer = currentSigner();
      const request = {
        ...{ service, version },
        ...(environment === undefined ? {} : { environment }),
        ...(reason === undefined ? {} : { reason }),
        ...(plan === undefined ? {} : { plan }),
        ...(approver === undefined ? {} : { approver }),
        ...(signer === undefined ? {} : { signer }),
        ...(signal === undefined ? {} : { bySignal: signal }),
      };
      const given = await orMisspelt(config, request, () => withClient((client) => client[decision](request)));
      if (terminal.json) return terminal.sayJson(given);
      const { reply, statement, decidedOn } = tame(given);
      if (decidedOn !== undefined) {
        terminal.say(`${decidedOn.service} ${decidedOn.version} → ${decidedOn.environment}, ${decidedOn.image.digest}`);
      }
      terminal.say(
        `${statement.approver} said ${decision === 'approve' ? 'yes' : 'no'} to plan ${statement.planDigest}`,
      );
      terminal.say(
        reply?.message ?? `left as a signal; see whether it counted with "sluice status ${service} ${version}"`,
      );
    });
}
