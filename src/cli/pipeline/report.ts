/** The end of a step that waits: variables for later steps, the summary of the run, an annotation for what went wrong, the exit code. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Followed, Verdict } from '../follow.ts';
import type { Terminal } from '../terminal.ts';
import type { Journey } from './journey.ts';
import { type Listener, people } from './listener.ts';
import { pipelineLog } from './log.ts';
import { summaryOf } from './markdown.ts';
import type { Pipeline } from './options.ts';
import { appendTo, setOutputs } from './set-variables.ts';
import { variablesOf } from './variables.ts';
import { azureSummary } from './voice.ts';

export function listenerOf({ voice, heartbeatMs }: Pipeline, terminal: Terminal): Listener {
  return voice === undefined ? people(terminal) : pipelineLog(voice, terminal, { heartbeatMs });
}

/** Says how it ended, where a pipeline looks for that; resolves to the exit code of the step. */
export async function report(
  { exit, verdict }: Followed,
  journey: Journey,
  pipeline: Pipeline,
  terminal: Terminal,
): Promise<ExitCode> {
  await setVariables(verdict, journey, pipeline, terminal);
  await writeSummary(summaryOf(verdict, journey, { web: pipeline.web }), journey.workflowId, pipeline, terminal);
  const isQuiet = exit === EXIT.waiting && pipeline.waitingOk;
  const { voice } = pipeline;
  const line = isQuiet ? voice?.withIssues(`${journey.title} goes on`) : problemOf(verdict, journey, pipeline);
  if (line !== undefined) terminal.command(line);
  return isQuiet ? EXIT.ok : exit;
}

/** For a step that does not wait as well. */
export async function setVariables(
  verdict: Verdict | 'started',
  journey: Journey,
  { voice, run }: Pipeline,
  terminal: Terminal,
): Promise<void> {
  await setOutputs({ ...variablesOf(verdict, journey) }, voice, run?.outputFile, terminal);
}

/** Where it was asked for, and where the service shows it with the run. */
export async function writeSummary(
  text: string,
  workflowId: string,
  { voice, run, summary }: Pipeline,
  terminal: Terminal,
): Promise<void> {
  if (summary !== undefined) await writeFile(summary, text);
  if (voice?.name === 'github') await appendTo(run?.summaryFile, 'GITHUB_STEP_SUMMARY', text, terminal);
  if (voice?.name !== 'azure') return;
  const file = summary ?? temporary(run?.temporaryFolder, workflowId);
  if (file === undefined)
    return terminal.note('AGENT_TEMPDIRECTORY is not set: no summary is uploaded; name a file with --summary');
  if (summary === undefined) await writeFile(file, text);
  terminal.command(azureSummary(file));
}

/** Services, versions and environments are safe in file names. */
function temporary(folder: string | undefined, workflowId: string): string | undefined {
  return folder === undefined ? undefined : join(folder, `sluice ${workflowId.replaceAll('/', ' ')}.md`);
}

const GOOD: readonly Verdict[] = ['released', 'reached', 'interrupted'];

function problemOf(verdict: Verdict, { title, outcome, waiting }: Journey, { voice }: Pipeline): string | undefined {
  if (GOOD.includes(verdict)) return undefined;
  const level = verdict === 'waiting' || verdict === 'superseded' ? 'warning' : 'error';
  const why = outcome?.reason ?? waiting?.reason ?? 'it goes on';
  return voice?.issue(level, `${title} ${verdict}`, why);
}
