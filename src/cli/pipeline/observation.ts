/** What an observation leaves where a pipeline looks: variables, the summary of the run, an annotation for what would have gone wrong. */
import type { ObservationResult, ObservedEnvironment } from '../../contract/observation-workflow.ts';
import type { ObservedVerdict } from '../../domain/observed.ts';
import { VERDICT_IN_WORDS } from '../render/observation.ts';
import type { Terminal } from '../terminal.ts';
import { code, md, table } from './markdown.ts';
import type { Pipeline } from './options.ts';
import { writeSummary } from './report.ts';
import { setOutputs } from './set-variables.ts';
import type { Variables } from './variables.ts';

export async function reportObservation(
  result: ObservationResult,
  pipeline: Pipeline,
  terminal: Terminal,
): Promise<void> {
  const { voice, run } = pipeline;
  await setOutputs({ ...observedVariables(result) }, voice, run?.outputFile, terminal);
  await writeSummary(observationSummary(result), result.workflowId, pipeline, terminal);
  const { service, version, verdict, reason } = result;
  if (verdict === 'would-be-released' || verdict === 'would-wait') return;
  const line = voice?.issue('error', `${service} ${version} ${VERDICT_IN_WORDS[verdict]}`, reason);
  if (line !== undefined) terminal.command(line);
}

/** The same names as of a release, so that a pipeline needs no other steps for it. */
export function observedVariables(result: ObservationResult): Variables {
  const { service, version, image, manifests, verdict, reason, workflowId, environments } = result;
  const waits = environments.flatMap(({ steps }) => steps.filter((one) => one.answer === 'wait'));
  return {
    ...{ verdict, outcome: '', reason, service, version },
    digest: image?.digest ?? '',
    image: image === undefined ? '' : `${image.repository}@${image.digest}`,
    ...{ manifests, releaseId: workflowId },
    environment: environments.findLast((one) => one.live?.digest === 'same')?.environment ?? '',
    waitingFor: waits.map((one) => one.says).join('; '),
  };
}

export function observationSummary(result: ObservationResult): string {
  const { service, version, image, manifests, verdict, reason, refusal, workflowId, requestedBy, environments } =
    result;
  const remedy = refusal?.remedy === undefined ? '' : `; ${md(refusal.remedy)}`;
  const named = refusal === undefined ? '' : ` (${code(refusal.code)})`;
  const facts = [
    ...(image === undefined ? [] : [['image', code(`${image.repository}@${image.digest}`)]]),
    ['manifests', code(manifests)],
    ['in the engine', code(workflowId)],
    ['for', md(requestedBy)],
  ];
  return [
    `## ${md(`${service} ${version}`)}: ${VERDICT_IN_WORDS[verdict]} (observed)`,
    `${md(reason)}${named}${remedy}`,
    'Nothing was changed: no registry, no cluster, no record; nobody was asked or told.',
    table(['', ''], facts),
    ...(environments.length === 0
      ? []
      : [
          table(
            ['environment', 'Sluice', 'what runs there now', 'the same image', 'the same objects'],
            environments.map(rowOf),
          ),
        ]),
    ...environments.map(stepsOf),
    `**What now**\n\n- ${md(WHAT_NOW[verdict])}`,
    '',
  ].join('\n\n');
}

const WHAT_NOW: Readonly<Record<ObservedVerdict, string>> = {
  'would-be-released': 'compare what the other pipeline does with it; nothing is to be mended',
  'would-wait': 'see whether what it would wait for is what you want it to wait for',
  'would-need-attention':
    'mend what the reason names, then run this job again: observing the same version again is a new observation',
  'would-be-refused': 'correct what the reason names before this service moves over',
};

function rowOf({ environment, verdict, live }: ObservedEnvironment): readonly string[] {
  const { says = 'could not be looked at', digest = 'unknown', objects = 'unknown' } = live ?? {};
  return [md(environment), VERDICT_IN_WORDS[verdict], md(says), ANSWERS[digest], ANSWERS[objects]];
}

const ANSWERS = { same: 'yes', other: '**no**', nothing: 'nothing there', unknown: 'not known' } as const;

function stepsOf({ environment, steps }: ObservedEnvironment): string {
  const rows = steps.map(({ step, answer, says, refusal }) => {
    return [step, answer, `${md(says)}${refusal === undefined ? '' : ` (${code(refusal.code)})`}`];
  });
  return `### ${md(environment)}\n\n${table(['step', 'answer', 'seen'], rows)}`;
}
