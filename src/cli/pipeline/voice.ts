/** How each pipeline service is spoken to: groups, annotations and output variables, as lines that its agent reads. Pure. */
import { plainText } from '../../domain/plain-text.ts';
import { withoutCommands } from './harmless.ts';

export const VOICES = ['azure', 'github', 'plain'] as const;
export type VoiceName = (typeof VOICES)[number];

export interface Voice {
  readonly name: VoiceName;
  /** Lines that begin and end a part of the log that can be folded; undefined: there is no such thing. */
  group(title: string): string | undefined;
  readonly endGroup: string | undefined;
  /** An annotation of the run; undefined: the log line is all there is. */
  issue(level: 'error' | 'warning', title: string, message: string): string | undefined;
  /** Sets an output variable by a line of the log; undefined: it is set in another way, or not at all. */
  variable(name: string, value: string): string | undefined;
  /** The step has ended well, but not as one would wish. */
  withIssues(message: string): string | undefined;
}

/** learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands; escapes as azure-pipelines-task-lib writes them. */
const AZURE: Voice = {
  name: 'azure',
  group: (title) => `##[group]${oneLine(title)}`,
  endGroup: '##[endgroup]',
  issue: (level, title, message) => azure('task.logissue', { type: level }, `${title}: ${message}`),
  variable: (name, value) => azure('task.setvariable', { variable: name, isOutput: 'true' }, value),
  withIssues: (message) => azure('task.complete', { result: 'SucceededWithIssues' }, message),
};

/** docs.github.com/actions/reference/workflows-and-actions/workflow-commands; escapes as @actions/core writes them. */
const GITHUB: Voice = {
  name: 'github',
  group: (title) => `::group::${githubData(oneLine(title))}`,
  endGroup: '::endgroup::',
  issue: (level, title, message) =>
    `::${level} title=${githubProperty(oneLine(title))}::${githubData(oneLine(message))}`,
  variable: () => undefined,
  withIssues: (message) => `::warning::${githubData(oneLine(message))}`,
};

const PLAIN: Voice = {
  name: 'plain',
  group: () => undefined,
  endGroup: undefined,
  issue: () => undefined,
  variable: () => undefined,
  withIssues: () => undefined,
};

const BY_NAME: Readonly<Record<VoiceName, Voice>> = { azure: AZURE, github: GITHUB, plain: PLAIN };

export function voiceOf(name: VoiceName): Voice {
  return BY_NAME[name];
}

/** Before anything is parsed: what `--ci` names, else the service around. Undefined: nobody but people reads along. */
export function voiceFor(args: readonly string[], around: VoiceName | undefined): Voice | undefined {
  const at = args.findIndex((one) => one === '--ci' || one.startsWith('--ci='));
  const named = at < 0 ? around : (args[at]?.split('=')[1] ?? args[at + 1]);
  return VOICES.includes(named as VoiceName) ? voiceOf(named as VoiceName) : undefined;
}

/** The uploaded file becomes a part of the run's summary. */
export function azureSummary(file: string): string {
  // a path is data of the machine, not of people: it must stay as it is
  return `##vso[task.uploadsummary]${azureData(file)}`;
}

function azure(command: string, properties: Readonly<Record<string, string>>, message: string): string {
  const stated = Object.entries(properties).map(([key, value]) => `${key}=${azureProperty(value)};`);
  return `##vso[${command} ${stated.join('')}]${azureData(oneLine(message))}`;
}

const LONGEST = 4_000;

function oneLine(text: string): string {
  return withoutCommands(plainText(text, LONGEST));
}

function azureData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function azureProperty(text: string): string {
  return azureData(text).replaceAll(']', '%5D').replaceAll(';', '%3B');
}

function githubData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function githubProperty(text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
