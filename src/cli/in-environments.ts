/** The same word to several environments, one after the other, each with its own answer. */
import type { ReleaseClient } from '../client/index.ts';
import { loadConfig } from '../config/load.ts';
import type { RestraintAnswer } from '../contract/environment-workflow.ts';
import { withClient } from './session.ts';
import { tame, type Terminal } from './terminal.ts';

interface Where {
  /** Undefined: every environment of the configuration. */
  readonly environments: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly terminal: Terminal;
}

export async function inEach(
  { environments, config, terminal }: Where,
  say: (client: ReleaseClient, environment: string) => Promise<RestraintAnswer>,
): Promise<void> {
  const names = environments ?? Object.keys((await loadConfig(config)).environments);
  const answers = await withClient(async (client) => {
    const said: (RestraintAnswer & { readonly environment: string })[] = [];
    for (const environment of names) said.push({ environment, ...(await say(client, environment)) });
    return said;
  });
  if (terminal.json) return terminal.sayJson(answers);
  for (const { message, told, enforced, environment } of tame(answers)) {
    terminal.say(`${message}; told ${told} under way`);
    if (!enforced)
      terminal.say(`  ${environment}'s own workers have not written it down yet; they keep trying (is one running?)`);
  }
}
