/** Options of every command that a pipeline waits with. */
import { access, appendFile, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type PipelineRun, pipelineRun, pipelineRunOf, webAddress } from '../../config/pipeline.ts';
import { isPrivateAddress } from '../../domain/web-address.ts';
import { durationArgument } from '../arguments.ts';
import { wrongCall } from '../usage.ts';
import { VOICES, type Voice, type VoiceName, voiceOf } from './voice.ts';

export interface WrittenPipelineOptions {
  readonly ci?: VoiceName | 'none';
  readonly summary?: string;
  readonly waitFor?: string;
  readonly waitingOk?: boolean;
  readonly abortOnCancel?: boolean;
  readonly heartbeat?: number;
}

/** Who reads along, and where they want to find what. */
export interface Pipeline {
  /** Undefined: nobody but people. */
  readonly voice?: Voice;
  /** The run as its service states it; undefined: it is none. */
  readonly run?: PipelineRun;
  /** Absolute. */
  readonly summary?: string;
  readonly web?: string;
  readonly waitingOk: boolean;
  readonly heartbeatMs: number;
}

const HEARTBEAT_MS = 60_000;

/** `release`: what is waited for is a release, which passes several environments and can be aborted. */
export function inPipelines(command: Command, what: 'release' | 'rollback'): Command {
  command
    .addOption(
      new Option('--ci <service>', 'write for this pipeline service (default: the one that runs this)').choices([
        ...VOICES,
        'none',
      ]),
    )
    .option('--summary <file>', 'write the verdict as Markdown; azure and github show it with the run anyway')
    .option('--waiting-ok', 'exit with 0, not 7, when the time to wait is over')
    .option('--heartbeat <duration>', 'in pipelines: a line when nothing happens for so long (1m)', durationArgument);
  if (what === 'rollback') return command;
  return command
    .option('--wait-for <environment>', 'enough when it has arrived there (exit code 0); the release goes on')
    .option('--abort-on-cancel', 'abort the release when this command is interrupted; else it goes on');
}

export const PIPELINE_HELP = `
In a pipeline (Azure Pipelines, GitHub Actions: found by TF_BUILD, GITHUB_ACTIONS) the log has a line for each change with its time in UTC,
what needs somebody is annotated, the run's summary shows the verdict, and these output variables are set: verdict, outcome, reason, service,
version, digest, image, manifests, releaseId, environment, waitingFor. Running the job again attaches to the same release. docs/pipelines.md`;

/** Throws as a wrong call what would only be found after something was started. */
export async function pipelineOf(command: Command, options: WrittenPipelineOptions): Promise<Pipeline> {
  const { ci, waitingOk = false, heartbeat = HEARTBEAT_MS } = options;
  const around = pipelineRun();
  const name = ci ?? around?.service ?? 'none';
  const run = name === 'azure' || name === 'github' ? pipelineRunOf(name) : undefined;
  const summary = options.summary === undefined ? undefined : resolve(options.summary);
  if (summary !== undefined) await assertWritable(command, summary);
  const web = webAddress();
  if (web !== undefined && !isPrivateAddress(web))
    wrongCall(command, `SLUICE_WEB is "${web}"; expected an address that begins with https://`);
  return {
    ...(name === 'none' ? {} : { voice: voiceOf(name) }),
    ...(run === undefined ? {} : { run }),
    ...(summary === undefined ? {} : { summary }),
    ...(web === undefined ? {} : { web }),
    waitingOk,
    heartbeatMs: heartbeat,
  };
}

/** Options that mean nothing unless the command waits. */
export function assertWaits(command: Command, options: WrittenPipelineOptions): void {
  const names = { summary: '--summary', waitFor: '--wait-for', waitingOk: '--waiting-ok' } as const;
  const more = { abortOnCancel: '--abort-on-cancel', heartbeat: '--heartbeat' } as const;
  const given = Object.entries({ ...names, ...more }).filter(
    ([key]) => options[key as keyof typeof options] !== undefined,
  );
  if (given.length > 0) wrongCall(command, `${given.map(([, name]) => name).join(', ')}: only with --wait`);
}

async function assertWritable(command: Command, file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
    await appendFile(file, '');
  } catch (error) {
    wrongCall(
      command,
      `--summary ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
