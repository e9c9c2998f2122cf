import type { Command } from 'commander';
import type { ReleaseClient } from '../../client/index.ts';
import { aboutRelease, spanArgument, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { withTimes } from '../render/time.ts';
import { tame } from '../terminal.ts';

type Verb = 'pause' | 'resume' | 'abort' | 'retry';

interface Control {
  readonly verb: Verb;
  readonly description: string;
  readonly example: string;
  /** Whom it reaches without an environment. */
  readonly reaches: 'the release' | 'the one that runs';
  readonly takesDuration?: true;
}

const CONTROLS: readonly Control[] = [
  {
    verb: 'pause',
    description: 'stop a release at its next safe point',
    example: 'sluice pause iam 2026.11.3 --for 2h --reason "incident 4711"',
    reaches: 'the release',
    takesDuration: true,
  },
  {
    verb: 'resume',
    description: 'let a paused release go on',
    example: 'sluice resume iam 2026.11.3',
    reaches: 'the release',
  },
  {
    verb: 'abort',
    description: 'end a release at its next safe point and undo the promotion that runs',
    example: `sluice abort iam 2026.11.3 --reason "wrong image"
  sluice abort iam 2026.11.2 --environment production   # also the roll-back to it there`,
    reaches: 'the release',
  },
  {
    verb: 'retry',
    description: 'try again the step that needs attention, or ask closed gates again; finished steps are not repeated',
    example: 'sluice retry iam 2026.11.3 --reason "role assigned"',
    reaches: 'the one that runs',
  },
];

interface Options {
  readonly reason?: string;
  readonly for?: number;
  readonly environment?: string;
  readonly config?: string;
}

export function addControls(program: Command, surroundings: Surroundings): void {
  for (const control of CONTROLS) addControl(program, surroundings, control);
}

function addControl(program: Command, { terminal }: Surroundings, control: Control): void {
  const command = aboutRelease(program.command(control.verb.toLowerCase()).description(control.description))
    .option('--reason <text>', 'why, for the record')
    .option('--environment <name>', `only the promotion into it (default: ${control.reaches})`)
    .addHelpText('after', `\nExample:\n  ${control.example}`)
    .action(async (service: string, version: string, _: unknown, self: Command) => {
      const { reason, for: forMs, environment, config } = optionsOf<Options>(self);
      const [{ withClient }, { orMisspelt }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
      ]);
      const request = {
        service,
        version,
        ...(reason === undefined ? {} : { reason }),
        ...(forMs === undefined ? {} : { forMs }),
        ...(environment === undefined ? {} : { environment }),
      };
      const answer = await orMisspelt(config, request, () =>
        withClient((client: ReleaseClient) => client[control.verb](request)),
      );
      if (terminal.json) terminal.sayJson(answer);
      else terminal.say(withTimes(tame(answer.message)));
    });
  if (control.takesDuration === true) {
    command.option('--for <duration>', 'at most so long (default: engine.pauseFor)', spanArgument);
  }
}
