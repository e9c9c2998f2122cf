import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../config/duration.ts';
import { DEEDS, type Deed } from '../../evidence/trail.ts';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Reads the histories that the engine's server still has; a worker is not needed. "proof" says what vouches for a name: a key, an identity
provider, or nothing. Below stand the gaps: a promotion without a history, without a signed record or without the approvals that its plan
asked for, what ended without an outcome, a release whose evidence was not kept.

Exit code: 0 without a gap, 10 with one.

Examples:
  sluice audit --since 7d
  sluice audit --service iam --what approve --json
  sluice audit --environment production --who grace --since 2026-11-01 --until 2026-12-01`;

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly who?: string;
  readonly what?: Deed;
  readonly since?: string;
  readonly until?: string;
}

export function addAudit(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('audit')
    .description('who did what, when, to what and why, and where that trail breaks off')
    .option('--service <name>', 'of this service')
    .option('--environment <name>', 'in this environment')
    .option('--who <name>', 'by this person')
    .addOption(new Option('--what <deed>', 'only this').choices(DEEDS))
    .option('--since <time>', 'not before: a time, a day, or how long ago (7d)', momentArgument)
    .option('--until <time>', 'not after, in the same forms', momentArgument)
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { service, environment, who, what, since, until, config } = optionsOf<Options>(command);
      const request = {
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
        ...(who === undefined ? {} : { who }),
        ...(what === undefined ? {} : { what }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
      };
      const [{ withClient }, { assertKnown }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
      ]);
      const audit = await withClient((client) => client.audit(request));
      const environments = environment === undefined ? [] : [environment];
      if (audit.entries.length === 0) await assertKnown(config, { service, environments });
      const { renderAudit } = await import('../render/audit.ts');
      if (terminal.json) terminal.sayJson(audit);
      else terminal.say(renderAudit(tame(audit), terminal.paint));
      exit(audit.gaps.length === 0 ? EXIT.ok : EXIT.unwell);
    });
}

/** `2026-11-23T08:15Z`, `2026-11-23`, or `7d` before now; ISO 8601. */
export function momentArgument(text: string): string {
  const ms = momentOf(text, Date.now());
  if (ms === undefined)
    throw new InvalidArgumentError('Write a time such as 2026-11-23T08:15Z, a day, or how long ago: 7d.');
  return new Date(ms).toISOString();
}

/** As {@link momentArgument}, before a moment that several of them share. Undefined: it is none. */
export function momentOf(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  const ms = ago === undefined ? Date.parse(text) : now - ago;
  return !/^\d/.test(text) || Number.isNaN(ms) ? undefined : ms;
}
