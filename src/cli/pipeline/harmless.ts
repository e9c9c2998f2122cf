/**
 * The agents of pipelines take orders from a job's output. Text from elsewhere (a branch, a reason, a registry's answer) must not
 * become one. Azure's agent looks for `##vso[` anywhere in a line, GitHub's runner for `##[` anywhere and for `::` where a line begins
 * (azure-pipelines-agent Command.cs, actions/runner ActionCommand.cs); both compare as .NET does, which overlooks invisible characters.
 */
const ANYWHERE = /#(?=\p{DI}*#\p{DI}*(?:v\p{DI}*s\p{DI}*o\p{DI}*)?\[)/giu;
const AT_THE_BEGINNING = /^([\s\p{DI}]*):(?=\p{DI}*:)/gmu;

/** The same for people, and no command for any agent. */
export function withoutCommands(text: string): string {
  return text.replaceAll(ANYWHERE, '#·').replaceAll(AT_THE_BEGINNING, '$1·');
}

/** The same JSON value, spelt so that no agent finds a command in it: a `#` stands in strings only. */
export function jsonWithoutCommands(json: string): string {
  return json.replaceAll(ANYWHERE, String.raw`\u0023`);
}
