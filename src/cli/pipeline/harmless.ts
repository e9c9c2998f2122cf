/**
 * The agents of pipelines take orders from a job's output. Text from elsewhere (a branch, a reason, a registry's answer) must not
 * become one: Azure's agent looks for `##vso[` anywhere in a line, GitHub's runner for `##[` anywhere and for `::` where a line begins.
 */
const ANYWHERE = /##(?=(?:vso)?\[)/gi;
const AT_THE_BEGINNING = /^(\s*):(?=:)/gm;

/** The same for people, and no command for any agent. */
export function withoutCommands(text: string): string {
  return text.replaceAll(ANYWHERE, '#·').replaceAll(AT_THE_BEGINNING, '$1·');
}

/** The same JSON value, spelt so that no agent finds a command in it: a `#` stands in strings only. */
export function jsonWithoutCommands(json: string): string {
  return json.replaceAll(ANYWHERE, String.raw`\u0023#`);
}
