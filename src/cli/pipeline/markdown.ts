/** The verdict as Markdown, for the summary page of a pipeline's run: what became of it, where, by whose leave, and what to do now. Pure. */
import type { PromotionStatus } from '../../contract/status.ts';
import { plainText } from '../../domain/plain-text.ts';
import { waitParts } from '../../domain/waiting.ts';
import type { Verdict } from '../follow.ts';
import { formatSpan } from '../render/time.ts';
import type { Journey, JourneyLeg } from './journey.ts';
import { whatNow } from './what-now.ts';

const LONGEST = 1_000;

export interface SummaryOptions {
  /** Address of `sluice serve`; undefined: nobody has said. */
  readonly web?: string | undefined;
}

export function summaryOf(verdict: Verdict | 'started', journey: Journey, { web }: SummaryOptions = {}): string {
  const { title, outcome, waiting, attention } = journey;
  return [
    `## ${md(title)}: ${verdict}`,
    ...(outcome === undefined ? [] : [`${md(outcome.reason)}${refusalOf(journey)}`]),
    ...(attention === undefined
      ? []
      : [`**Needs attention**: ${md(attention.message)} (${code(attention.code)})${remedyOf(attention.remedy)}`]),
    ...(waiting === undefined
      ? []
      : [
          `**Waiting**: ${[md(waiting.reason), ...waitParts(waiting).map(({ label, text }) => `${label.toLowerCase()} ${md(text)}`)].join('; ')}`,
        ]),
    table(['', ''], factsOf(journey, web)),
    ...(journey.legs.length === 0
      ? []
      : [table(['environment', 'state', 'approvals', 'took'], journey.legs.map(rowOf))]),
    `**What now**\n\n${whatNow(verdict, journey).map(itemOf).join('\n')}`,
    '',
  ].join('\n\n');
}

function refusalOf({ outcome }: Journey): string {
  if (outcome?.refusal === undefined) return '';
  const { code: name, expected, got, remedy } = outcome.refusal;
  const said = [
    ...(expected === undefined ? [] : [`expected ${md(expected)}`]),
    ...(got === undefined ? [] : [`got ${md(got)}`]),
  ];
  return ` (${code(name)})${said.length === 0 ? '' : `: ${said.join(', ')}`}${remedyOf(remedy)}`;
}

function remedyOf(remedy: string | undefined): string {
  return remedy === undefined ? '' : `; ${md(remedy)}`;
}

function factsOf(journey: Journey, web: string | undefined): readonly (readonly string[])[] {
  const { image, manifests, workflowId, requestedBy, startedAt, endedAt, service, version } = journey;
  const page = web === undefined || version === undefined ? undefined : pageOf(web, service, version);
  return [
    ...(image === undefined ? [] : [['image', code(image)]]),
    ...(manifests === undefined ? [] : [['manifests', code(manifests)]]),
    ['in the engine', code(workflowId)],
    ...(requestedBy === undefined ? [] : [['for', md(requestedBy)]]),
    ...(startedAt === undefined ? [] : [['started', md(startedAt)]]),
    ...(endedAt === undefined ? [] : [['ended', md(endedAt)]]),
    ...(page === undefined ? [] : [['page', `<${page}>`]]),
  ];
}

function pageOf(web: string, service: string, version: string): string {
  return `${web.replace(/\/+$/, '')}/releases/${encodeURIComponent(service)}/${encodeURIComponent(version)}`;
}

function rowOf({ environment, state, outcome, promotion }: JourneyLeg): readonly string[] {
  const stands = outcome === undefined ? (promotion?.phase ?? state) : `${outcome.kind}: ${outcome.reason}`;
  return [md(environment), md(stands), answersOf(promotion), tookOf(promotion)];
}

function answersOf(promotion: PromotionStatus | undefined): string {
  const { approval } = promotion ?? {};
  if (approval === undefined) return 'none needed';
  const given = approval.given.map(
    ({ approver, decision, reason = '' }) =>
      `${md(approver)} ${decision === 'approve' ? 'yes' : 'no'}${reason === '' ? '' : ` (${md(reason)})`}`,
  );
  const missing = approval.open && approval.missing !== undefined ? [`${approval.missing} missing`] : [];
  return [...given, ...missing].join(', ');
}

function tookOf(promotion: PromotionStatus | undefined): string {
  if (promotion?.endedAt === undefined) return '';
  return formatSpan(Date.parse(promotion.endedAt) - Date.parse(promotion.startedAt));
}

function itemOf({ says, command }: { readonly says: string; readonly command?: string }): string {
  return command === undefined ? `- ${md(says)}` : `- ${md(says)}: ${code(command)}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** One line in which nothing is markup: names and reasons are whatever somebody wrote. */
export function md(text: string): string {
  return plainText(text, LONGEST)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~@]/g, (sign) => `\\${sign}`);
}

/** As typed; within a table a bar would end the cell, and a back-tick the code. */
export function code(text: string): string {
  return `\`${plainText(text, LONGEST).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
