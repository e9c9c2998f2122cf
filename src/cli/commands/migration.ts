import { type Command, Option } from 'commander';
import { TARGETS } from '../../migration/states.ts';
import { optionsOf, wordsArgument } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
Services go over from legacy in waves. migration.yaml (beside sluice.yaml, in git) says which service goes with which wave, whose it is,
how far it has come, and what must be true before it goes on: docs/migration.md. States, and who deploys in them:
  legacy     legacy    nothing has begun
  comparing  legacy    Sluice looks on, and both are compared
  adopted    legacy    Sluice has on record what runs
  managed    Sluice    legacy is switched off, and still there
  done       Sluice    legacy may be removed
  reverted   legacy    it went back: a hold keeps Sluice out

Examples:
  sluice migration status
  sluice migration advance iam --dry-run
  sluice migration revert iam --reason "errors after sign-in, INC-4711"`;

const STATUS_HELP = `
Says of each service what keeps it from its next state. Changes nothing. Exit code: 0 told; 7 with --at-least: something is not that far
yet; 8 it could not be found out whether one that went back is held; 10 one that went back is not held, and Sluice could deploy over legacy.

Examples:
  sluice migration status --wave pilot
  sluice migration status --wave pilot --at-least managed --json`;

const ADVANCE_HELP = `
Moves a service one state on, or those of a wave that are furthest behind: all of them or none. Refused with everything at once that is not
met: gates are judged by reports, by what the engine knows, and by who has signed off in the file. Exit code: 0 moved, 3 refused.
Out of "reverted" it lifts the holds that the revert has set; a release that waits behind one would go in then, and is told first.

Examples:
  sluice migration advance iam
  sluice migration advance --wave utilities --dry-run`;

const REVERT_HELP = `
Back to legacy: holds the service in each of its environments, so that Sluice does not deploy over legacy, writes that down, and says what
its owner does now, in order. What runs is not touched. Said again it sets the holds again.

Examples:
  sluice migration revert iam --reason "errors after sign-in, INC-4711" --dry-run
  sluice migration revert iam --reason "errors after sign-in, INC-4711"`;

interface Options {
  readonly file?: string;
  readonly wave?: string;
  readonly atLeast?: (typeof TARGETS)[number];
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly letWaitingIn?: boolean;
}

export function addMigration(program: Command, surroundings: Surroundings): void {
  const migration = program
    .command('migration')
    .description('services on their way from legacy to Sluice, in waves')
    .addHelpText('after', HELP);
  addStatus(migration, surroundings);
  addAdvance(migration, surroundings);
  addRevert(migration, surroundings);
}

function addStatus(migration: Command, { terminal, exit }: Surroundings): void {
  ofFile(migration.command('status').description('who stands where, and what keeps them from going on'))
    .option('--wave <name>', 'of this wave alone')
    .addOption(new Option('--at-least <state>', 'whether all of it has got that far').choices(TARGETS))
    .addHelpText('after', STATUS_HELP)
    .action(async (_: unknown, command: Command) => {
      const { config, file, wave, atLeast } = optionsOf<Options>(command);
      const [{ openMigration }, { statusOf, exitOfStatus }, { renderMigration }] = await Promise.all([
        import('../migrating/opened.ts'),
        import('../migrating/status.ts'),
        import('../render/migration.ts'),
      ]);
      const status = await statusOf(await openMigration(config, file), wave);
      if (terminal.json) terminal.sayJson(status);
      else terminal.say(renderMigration(tame(status), terminal.paint));
      exit(exitOfStatus(status, atLeast));
    });
}

function addAdvance(migration: Command, { terminal }: Surroundings): void {
  ofFile(migration.command('advance').description('one state on, when its gates are met'))
    .argument('[service]', 'service, as sluice.yaml names it')
    .option('--wave <name>', 'those of this wave that are furthest behind')
    .option('--reason <text>', 'why now; everybody reads it', wordsArgument)
    .option('--let-waiting-in', 'releases that wait behind the hold of a revert may go in')
    .option('--dry-run', 'say what would change, and change nothing')
    .addHelpText('after', ADVANCE_HELP)
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const { config, file, wave, reason, dryRun = false, letWaitingIn = false } = optionsOf<Options>(command);
      if ((service === undefined) === (wave === undefined)) wrongCall(command, 'name a service, or a wave with --wave');
      const [{ openMigration }, { advance }, { renderAdvance }] = await Promise.all([
        import('../migrating/opened.ts'),
        import('../migrating/advance.ts'),
        import('../render/migration.ts'),
      ]);
      const answer = await advance(await openMigration(config, file), {
        ...{ dryRun, letWaitingIn },
        ...(service === undefined ? {} : { service }),
        ...(wave === undefined ? {} : { wave }),
        ...(reason === undefined ? {} : { reason }),
      });
      if (terminal.json) terminal.sayJson(answer);
      else terminal.say(renderAdvance(tame(answer), terminal.paint));
    });
}

function addRevert(migration: Command, { terminal }: Surroundings): void {
  ofFile(migration.command('revert').description('back to legacy: Sluice is kept out, and the owner told what to do'))
    .argument('<service>', 'service, as sluice.yaml names it')
    .requiredOption('--reason <text>', 'why; everybody reads it', wordsArgument)
    .option('--dry-run', 'say what would change, and change nothing')
    .addHelpText('after', REVERT_HELP)
    .action(async (service: string, _: unknown, command: Command) => {
      const { config, file, reason = '', dryRun = false } = optionsOf<Options>(command);
      const [{ openMigration }, { revert }, { renderRevert }] = await Promise.all([
        import('../migrating/opened.ts'),
        import('../migrating/revert.ts'),
        import('../render/migration.ts'),
      ]);
      const answer = await revert(await openMigration(config, file), { service, reason, dryRun });
      if (terminal.json) terminal.sayJson(answer);
      else terminal.say(renderRevert(tame(answer), terminal.paint));
    });
}

function ofFile(command: Command): Command {
  return command
    .option('--file <file>', 'the migration.yaml to use (default: beside sluice.yaml)')
    .option('--json', 'one JSON value on stdout');
}
