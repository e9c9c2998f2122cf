/** `version`: what is checked out, by the name under which it will be built and released. */
import { gitProgram } from '../config/git-program.ts';
import { pipelineRun, pipelineRunOf } from '../config/pipeline.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { isName } from '../domain/names.ts';
import { openGit } from '../versions/git.ts';
import { RELEASE_LINES } from '../versions/line.ts';
import { tellVersion } from '../versions/tell-version.ts';
import type { Scheme } from '../versions/version.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { setOutputs } from './pipeline/set-variables.ts';
import { type VoiceName, voiceOf } from './pipeline/voice.ts';
import type { Terminal } from './terminal.ts';

export interface WrittenVersionOptions {
  readonly scheme: Scheme;
  readonly branch?: string;
  readonly path?: readonly string[];
  readonly first?: string;
  readonly release?: boolean;
  readonly releaseBranch?: readonly string[];
  readonly repository?: string;
  readonly output?: VoiceName;
}

export async function printVersion(
  service: string | undefined,
  { repository, path, release, releaseBranch, output, ...rest }: WrittenVersionOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (service !== undefined && !isName(service)) throw notAName(service);
  const run = pipelineRun();
  const git = await openGit({ ...gitProgram(), folder: repository ?? process.cwd() });
  const wish = { ...rest, service, paths: path ?? [], release: release === true, run };
  const version = await tellVersion(git, { ...wish, releaseLines: releaseBranch ?? RELEASE_LINES });
  if (terminal.json) terminal.sayJson(version);
  else terminal.say(version.version);
  const variables = Object.fromEntries(Object.entries(version).map(([name, value]) => [name, String(value)]));
  const { outputFile } = pipelineRunOf('github');
  await setOutputs(variables, voiceOf(output ?? run?.service ?? 'plain'), outputFile, terminal);
  return EXIT.ok;
}

function notAName(service: string): ReleaseEngineError {
  return new ReleaseEngineError('service-unknown', `"${service}" is no name of a service`, {
    expected: 'lower-case letters, digits and hyphens, at most 63',
    got: service,
  });
}
