/** All commands as one tree. Cheap to build: what a command needs is loaded when it runs. */
import { Command } from 'commander';
import { addAdopt } from './commands/adopt.ts';
import { addAnswers } from './commands/answers.ts';
import { addAudit } from './commands/audit.ts';
import { addBoard } from './commands/board.ts';
import { addCompare } from './commands/compare.ts';
import { addCompletion } from './commands/completion.ts';
import { addControls } from './commands/controls.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEnvironment } from './commands/environment.ts';
import { addEvidence } from './commands/evidence.ts';
import { addGates } from './commands/gates.ts';
import { addGuardian } from './commands/guardian.ts';
import { addHelp } from './commands/help.ts';
import { addHolds } from './commands/holds.ts';
import { addLegacy } from './commands/legacy.ts';
import { addList } from './commands/list.ts';
import { addLogin, addLogout } from './commands/login.ts';
import { addManifests } from './commands/manifests.ts';
import { addMetrics } from './commands/metrics.ts';
import { addMigration } from './commands/migration.ts';
import { addNotifications } from './commands/notifications.ts';
import { addOverride } from './commands/override.ts';
import { addPlan } from './commands/plan.ts';
import { addPolicy } from './commands/policy.ts';
import { addRehearse } from './commands/rehearse.ts';
import { addRollback } from './commands/rollback.ts';
import { addServe } from './commands/serve.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addStops } from './commands/stops.ts';
import { addVerify } from './commands/verify.ts';
import { addVersion } from './commands/version.ts';
import { addWatch } from './commands/watch.ts';
import { addWhoami } from './commands/whoami.ts';
import { addWorker } from './commands/worker.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';
import type { Terminal } from './terminal.ts';
import { quietly } from './usage.ts';

const HELP = `
A release is named by its service and version: "sluice status iam 2026.11.3". Its parts:
  release      one image on its whole journey
  promotion    one leg of it: into one environment

Surroundings:
  SLUICE_CONFIG        sluice.yaml, when it is not in the working directory or above
  SLUICE_USER          the name under which you act (default: whoever is logged in, else the user of this machine)
  TEMPORAL_ADDRESS     where the engine is; also TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TEMPORAL_API_KEY …
  NO_COLOR             no colours

Exit codes and errors: docs/errors.md`;

export function buildProgram(terminal: Terminal, exit: (code: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description('Takes one signed image from environment to environment, by digest, and proves what it did.')
    .version('0.3.0', '-V, --version')
    .option('--json', 'one JSON value on stdout (watch: one per line), errors as JSON on stderr')
    .option('--config <file>', 'the sluice.yaml to use')
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for the whole usage)')
    .helpCommand(false)
    .exitOverride();
  quietly(program, terminal);
  const surroundings: Surroundings = { terminal, exit };
  addManifests(program, surroundings);
  addVersion(program, surroundings);
  addStart(program, surroundings);
  addPlan(program, surroundings);
  addRehearse(program, surroundings);
  addVerify(program, surroundings);
  addStatus(program, surroundings);
  addWatch(program, surroundings);
  addList(program, surroundings);
  addBoard(program, surroundings);
  addEvidence(program, surroundings);
  addAudit(program, surroundings);
  addCompare(program, surroundings);
  addAdopt(program, surroundings);
  addMetrics(program, surroundings);
  addGates(program, surroundings);
  addNotifications(program, surroundings);
  addAnswers(program, surroundings);
  addLogin(program, surroundings);
  addLogout(program, surroundings);
  addWhoami(program, surroundings);
  addOverride(program, surroundings);
  addControls(program, surroundings);
  addRollback(program, surroundings);
  addEnvironment(program, surroundings);
  addGuardian(program, surroundings);
  addStops(program, surroundings);
  addHolds(program, surroundings);
  addPolicy(program, surroundings);
  addWorker(program, surroundings);
  addServe(program, surroundings);
  addMigration(program, surroundings);
  addLegacy(program, surroundings);
  addDoctor(program, surroundings);
  addHelp(program);
  addCompletion(program);
  return program;
}
