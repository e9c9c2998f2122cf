import type { Command } from 'commander';
import { aboutRelease, durationArgument, optionsOf } from '../arguments.ts';
import type { RehearseOptions } from '../run-rehearsal.ts';
import type { Surroundings } from '../surroundings.ts';
import { addRehearseRollback } from './rehearse-rollback.ts';

const HELP = `
Runs the real workflows on Temporal's time-skipping test server: days pass in milliseconds. The gates and approvals are those of
this sluice.yaml, the manifests are yours; image, signatures, registries, clusters and people are stand-ins, what "proofs" want stated
about an image is taken for granted, and no step takes any time. Nothing real is asked or changed, no engine is needed.

Exit code: as the release would end: 0 released, 3 refused, 4 rolled back; 7 it had no end.

"sluice rehearse rollback" is another thing: it looks whether the way back works where a service really runs, or goes it.

Examples:
  sluice rehearse iam 2026.11.3
  sluice rehearse iam 2026.11.3 --at '2026-12-24T16:00[Europe/Berlin]' --approve-after 2h
  sluice rehearse iam 2026.11.3 --running production=2026.11.2@2026-11-20T08:00Z --ticket OPS-12 --json`;

export function addRehearse(program: Command, surroundings: Surroundings): void {
  const { terminal, exit } = surroundings;
  const rehearse = program
    .command('rehearse')
    .description('play a release in skipped time: when it would be where, and why; or rehearse the way back');
  addRehearseRollback(rehearse, surroundings);
  aboutRelease(rehearse)
    .option('--until <environment>', 'stop after this environment')
    .option('--at <time>', 'when it starts, with offset or [zone], else local (default: now)')
    .option('--approve-after <duration>', 'how long the people take that are asked', durationArgument, 0)
    .option('--running <environment=version@time...>', 'what runs somewhere and since when')
    .option('--ticket <ticket>', 'ticket that the release names')
    .option('--requested-by <name>', 'who starts it (default: you)')
    .option('--allow-older', 'the release asks to pass gates that let no older version over a newer one')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const options = optionsOf<RehearseOptions>(command);
      const { runRehearsal } = await import('../run-rehearsal.ts');
      exit(await runRehearsal({ service, version }, options, terminal));
    });
}
