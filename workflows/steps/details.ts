/** The Markdown that the Temporal UI shows as current details: where it stands, why it waits, what to type (at most 20,000 bytes). */
import type { RehearsalStatus } from '../../src/contract/rehearsal-workflow.ts';
import type { RollbackStatus } from '../../src/contract/rollback-workflow.ts';
import type { PromotionStatus, ReleaseLeg, ReleaseStatus, StepState, Waiting } from '../../src/contract/status.ts';
import { cutAfter, plainText } from '../../src/domain/plain-text.ts';
import { pauseInWords, waitParts } from '../../src/domain/waiting.ts';

const SIGN: Readonly<Record<StepState, string>> = {
  pending: '·',
  running: '▶',
  done: '✓',
  skipped: '–',
  failed: '✗',
  undone: '↩',
};

/** Longest cell: evidence of a step can be long, and details travel in a URL. */
const CELL = 160;
const LINE = 2_000;

export function promotionDetails(status: PromotionStatus): string {
  const lines = [
    `**${status.service} ${status.version} → ${status.environment}**: ${status.outcome === undefined ? status.phase : `${status.outcome.kind}. ${status.outcome.reason}`}`,
    '',
    ...pausingLines(status),
    ...attentionLines(status),
    ...waitingLines(status.waiting),
    '| | step | |',
    '|---|---|---|',
    ...status.steps.map((one) => `| ${SIGN[one.state]} | ${one.step} | ${cell(one.summary ?? one.does)} |`),
    '',
    ...(status.undoPlan.length > 0 ? ['Undo now would:', ...status.undoPlan.map((line) => `1. ${line}`), ''] : []),
    `Image \`${status.image.repository}@${status.image.digest}\`${status.planDigest === undefined ? '' : `, plan \`${status.planDigest}\``}`,
  ];
  return lines.join('\n');
}

export function releaseDetails(status: ReleaseStatus): string {
  return [
    `**${status.service} ${status.version}**: ${status.outcome === undefined ? status.phase : `${status.outcome.kind}. ${status.outcome.reason}`}`,
    '',
    ...waitingLines(status.waiting),
    '| environment | |',
    '|---|---|',
    ...status.legs.map(
      (leg) =>
        `| ${leg.environment} | ${leg.outcome === undefined ? stateOf(status, leg) : cell(`${leg.outcome.kind}: ${leg.outcome.reason}`)} |`,
    ),
    '',
    status.image === undefined
      ? `Image \`${status.requestedImage}\``
      : `Image \`${status.image.repository}@${status.image.digest}\``,
    ...(status.evidenceIn?.length === 0
      ? ['', 'No evidence is kept: it has entered no environment that keeps any.']
      : []),
  ].join('\n');
}

export function rollbackDetails({ service, environment, to, promotion, outcome, ...asked }: RollbackStatus): string {
  const back = `**${service} in ${environment} → ${to ?? 'what ran well there before'}**`;
  const where = promotion === undefined ? 'looking for it' : pointer(promotion, service, to ?? '');
  return [
    `${back}: ${outcome === undefined ? where : `${outcome.kind}. ${outcome.reason}`}`,
    '',
    `Asked for by ${asked.requestedBy}: ${asked.reason}`,
  ].join('\n');
}

export function rehearsalDetails({ service, environment, from, to, ...run }: RehearsalStatus): string {
  const way =
    from === undefined || to === undefined ? 'the way back' : `${from.version} → ${to.version} → ${from.version}`;
  return [
    `**${service} in ${environment}, rehearsal of ${way}**: ${line(run.said ?? run.phase)}`,
    '',
    ...run.checks.map((one) => `- ${one.ok ? '✓' : '✗'} ${one.check}: ${cell(one.said)}`),
    ...(run.left === undefined ? [] : ['', `⚠ ${line(run.left.state)}`, ...run.left.todo.map((one) => `- \`${one}\``)]),
    '',
    `Asked for by ${run.requestedBy}${run.reason === '' ? '' : `: ${line(run.reason)}`}`,
  ].join('\n');
}

function pausingLines({ pausing, service, version, environment }: PromotionStatus): string[] {
  if (pausing === undefined) return [];
  const undo = `sluice resume ${service} ${version} --environment ${environment}`;
  return [`Pauses at the next safe point: ${line(pauseInWords(pausing))}; not after all: \`${undo}\``, ''];
}

function attentionLines({ attention }: PromotionStatus): string[] {
  if (attention === undefined) return [];
  return [
    `⚠ **${attention.step}**: ${line(attention.message)} (\`${attention.code}\`)`,
    ...(attention.expected === undefined ? [] : [`- expected: ${line(attention.expected)}`]),
    ...(attention.got === undefined ? [] : [`- got: ${line(attention.got)}`]),
    ...(attention.remedy === undefined ? [] : [`- to do: ${line(attention.remedy)}`]),
    '',
  ];
}

function waitingLines(waiting: Waiting | undefined): string[] {
  if (waiting === undefined) return [];
  return [
    `Waits: ${line(waiting.reason)}`,
    '',
    ...waitParts(waiting).map(({ label, text }) => `- ${label}: **${line(text)}**`),
    '',
    '```',
    ...waiting.answer.map(line),
    '```',
    '',
  ];
}

function stateOf({ service, version, waiting }: ReleaseStatus, { state, workflowId }: ReleaseLeg): string {
  return state !== 'running' || waiting !== undefined ? state : pointer(workflowId, service, version);
}

/** What a promotion waits for is known to its own workflow: it is pointed to, not copied. */
function pointer(promotion: string, service: string, version: string): string {
  return `running; whether and what it waits for says \`${promotion}\`, or \`sluice status ${service} ${version}\``;
}

/** What people and other systems wrote is shown as it is, and draws nothing of its own: no second line, no block of commands. */
function line(text: string): string {
  return plainText(text, LINE);
}

/** One cell of a table: no line breaks, no bars, not too long. */
function cell(text: string): string {
  return cutAfter(text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'), CELL);
}
