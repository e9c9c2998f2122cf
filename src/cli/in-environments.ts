/** The same word to several environments at the same time, each with its own answer: one that fails keeps nobody else from hearing it. */
import type { ReleaseClient } from '../client/index.ts';
import { loadConfig } from '../config/load.ts';
import type { RestraintAnswer } from '../contract/environment-workflow.ts';
import { EXIT, type ExitCode, exitOfError, worstExit } from './exit-codes.ts';
import { assertConfigured, configAtHand } from './known-names.ts';
import { renderError, type ShownError } from './render/error.ts';
import { withTimes } from './render/time.ts';
import { withClient } from './session.ts';
import { shownError } from './shown-error.ts';
import type { Surroundings } from './surroundings.ts';
import { tame, type Terminal } from './terminal.ts';

interface Where extends Surroundings {
  /** Undefined: every environment of the configuration. */
  readonly environments: readonly string[] | undefined;
  readonly service?: string | undefined;
  readonly config?: string | undefined;
}

type Said =
  | ({ readonly environment: string } & RestraintAnswer)
  | { readonly environment: string; readonly nothingToLift: string }
  | { readonly environment: string; readonly error: ShownError };

export async function inEach(
  { environments, service, config, terminal, exit }: Where,
  say: (client: ReleaseClient, environment: string) => Promise<RestraintAnswer>,
): Promise<void> {
  const known = environments === undefined ? await loadConfig(config) : await configAtHand(config);
  const names = environments ?? Object.keys(known?.environments ?? {});
  if (known !== undefined) assertConfigured(known, { environments: names, service });
  const all = await withClient((client) =>
    Promise.all(names.map((environment) => answerOf(environment, () => say(client, environment)))),
  );
  const answers = environments === undefined || all.some((one) => 'told' in one) ? all.map(pardoned) : all;
  exit(worstExit(answers.map(exitOf)));
  if (terminal.json) terminal.sayJson(tame(answers));
  for (const answer of tame(answers)) {
    if ('error' in answer) noteError(terminal, answer.error);
    else if (!terminal.json) for (const line of linesOf(answer)) terminal.say(line);
  }
}

async function answerOf(environment: string, say: () => Promise<RestraintAnswer>): Promise<Said> {
  try {
    return { environment, ...(await say()) };
  } catch (error) {
    return { environment, error: shownError(error) };
  }
}

/** Who lifts a stop wherever there is one, or somewhere at least, has what they wanted where there was none. */
function pardoned(said: Said): Said {
  if (!('error' in said) || said.error.code !== 'command-not-possible') return said;
  return { environment: said.environment, nothingToLift: said.error.message };
}

function exitOf(said: Said): ExitCode {
  return 'error' in said ? exitOfError(said.error.code) : EXIT.ok;
}

/** On stderr, as when the command as a whole has failed. */
function noteError(terminal: Terminal, error: ShownError): void {
  terminal.note(terminal.json ? JSON.stringify({ error }) : renderError(error, terminal.paint));
}

function linesOf(answer: Exclude<Said, { readonly error: ShownError }>): readonly string[] {
  if ('nothingToLift' in answer) return [withTimes(answer.nothingToLift)];
  const { environment, message, told, enforced } = answer;
  const unwritten = `  ${environment}'s own workers have not written it down yet; they keep trying (is one running?)`;
  return [`${withTimes(message)}; told ${told} under way`, ...(enforced ? [] : [unwritten])];
}
