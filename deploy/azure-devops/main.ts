/** `plan` and `apply`: the process. Exit codes: 0 as described or made so, 1 error, 2 `plan` found a difference. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { DescriptionError, readDescription } from './description/load.ts';
import { apply } from './plan/apply.ts';
import { differences } from './plan/differences.ts';
import { renderChange, renderPlan } from './plan/render.ts';
import { wanted } from './plan/wanted.ts';
import { handlerOf, wireOf } from './project/connection.ts';
import { observe } from './project/observe.ts';

const HELP = `An Azure DevOps project as its description says.

  node main.ts plan  FILE [--json] [--prune]          show what differs; changes nothing
  node main.ts apply FILE [--yes] [--json] [--prune]  make it so; asks first

  --prune          also remove what carries "[managed by sluice]" or stands on a described resource and is described no longer
  --yes            do not ask
  --json           one JSON document on standard output
  --pat-from NAME  take a personal access token from the environment variable NAME; default: Entra ID (az login, managed or workload identity)

Exit codes: 0 nothing to do or done, 1 error (nothing was changed unless a list says so), 2 plan: there is a difference.`;

/** Runs one command line and answers with its exit code. */
export async function main(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const options = {
    json: { type: 'boolean' },
    yes: { type: 'boolean' },
    prune: { type: 'boolean' },
    help: { type: 'boolean' },
    'pat-from': { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const [command, file, ...more] = positionals;
  if (values.help === true) return (console.log(HELP), 0);
  if ((command !== 'plan' && command !== 'apply') || file === undefined || more.length > 0)
    return (console.error(HELP), 1);
  const prune = values.prune === true;
  const description = readDescription(readFileSync(file, 'utf8'), env);
  const wire = wireOf(description.organisation, await handlerOf(patFrom(values['pat-from'], env)));
  const observed = await observe(wire, description);
  if (observed.problems.length > 0) throw new DescriptionError(observed.problems);
  const difference = differences(wanted(description), observed.seen);
  const changes = [...difference.changes, ...(prune ? difference.leftOver : [])];
  if (command === 'plan') {
    console.log(values.json === true ? JSON.stringify(difference, null, 2) : renderPlan(difference, prune));
    return changes.length === 0 ? 0 : 2;
  }
  if (values.json !== true) console.log(renderPlan(difference, prune));
  if (changes.length > 0 && values.yes !== true && !(await agreed())) return (console.error('nothing was changed'), 1);
  const outcome = await apply({ wire, description, observed }, changes, (change) =>
    console.error(renderChange(change).split('\n')[0]),
  );
  if (values.json === true)
    console.log(
      JSON.stringify(
        {
          ...outcome,
          ...(outcome.failed && { failed: { change: outcome.failed.change, error: outcome.failed.error.message } }),
        },
        null,
        2,
      ),
    );
  if (outcome.failed === undefined) return 0;
  console.error(`failed: ${outcome.failed.error.message}`);
  console.error(
    `${outcome.done.length} of ${changes.length} changes are made, ${outcome.left.length + 1} are not: correct the cause and apply again`,
  );
  return 1;
}

function patFrom(name: string | undefined, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (name === undefined) return undefined;
  // what is no name of a variable may be the token itself, so that it is not repeated
  if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
    throw new Error('--pat-from takes the name of an environment variable, e.g. AZURE_DEVOPS_PAT, never the token');
  const pat = env[name];
  if (pat === undefined || pat === '') throw new Error(`--pat-from: the environment variable ${name} is not set`);
  return pat;
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('nobody to ask: give --yes after you have read the plan');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question('Make it so? Only "yes" is taken: ');
  asking.close();
  return answer.trim() === 'yes';
}

if (import.meta.main)
  try {
    process.exitCode = await main(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(
      error instanceof DescriptionError
        ? `the description cannot be used:\n${error.message.replace(/^/gm, '  ')}`
        : error.message,
    );
    process.exitCode = 1;
  }
