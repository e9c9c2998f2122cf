/** What the Temporal UI shows of an adoption (Markdown). */
import type { AdoptionInput, AdoptionResult } from '../../src/contract/adoption-workflow.ts';
import { cutAfter, plainText } from '../../src/domain/plain-text.ts';

const LINE = 2_000;
const MOST = 50;

export function adoptionDetails({ service, environment, requestedBy }: AdoptionInput, result: AdoptionResult): string {
  const points = result.report?.points ?? [];
  const listed = points.slice(0, MOST).map(({ blocks, message }) => `- ${blocks ? '✗' : '·'} ${line(message)}`);
  return [
    `**${service} in ${environment}**: ${line(saidOf(result))}`,
    '',
    ...listed,
    ...(points.length > MOST ? [`- and ${points.length - MOST} more`] : []),
    '',
    `Asked for by ${requestedBy}`,
  ].join('\n');
}

function saidOf(result: AdoptionResult): string {
  if (result.outcome === 'refused') return `refused: ${result.refusal.message} (${result.refusal.code})`;
  if (result.outcome === 'looked') {
    return result.report.adoption === undefined ? 'looked at; something is missing' : 'looked at; it can be adopted';
  }
  return `${result.outcome === 'already' ? 'is adopted already' : 'adopted'} by ${result.adopted.by}: ${result.adopted.reason}`;
}

function line(text: string): string {
  return plainText(cutAfter(text, LINE), LINE);
}
