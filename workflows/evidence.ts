/** Keeps the evidence of what has ended beside the image, so that it outlives the histories. Nobody waits for it; what prevents it stands in its result. */
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { EvidenceInput, EvidenceResult } from '../src/contract/evidence-workflow.ts';
import { archivists } from './steps/activity-options.ts';
import { refusalFrom } from './steps/trouble.ts';

export async function evidence(input: EvidenceInput): Promise<EvidenceResult> {
  const result = await keep(input);
  setCurrentDetails(result.kept ? result.summary : `not kept: ${result.refusal.message} (\`${result.refusal.code}\`)`);
  return result;
}

/** Where the last environment cannot (its image was taken away again, its worker may not push), an earlier one may. */
async function keep(input: EvidenceInput): Promise<EvidenceResult> {
  const { environment, further = [] } = input;
  const whys: string[] = [];
  let result = await keepIn(environment, input);
  for (const other of further) {
    if (result.kept) break;
    whys.push(result.refusal.message);
    result = await keepIn(other, input);
  }
  if (result.kept || whys.length === 0) return result;
  return { kept: false, refusal: { ...result.refusal, message: [...whys, result.refusal.message].join('; ') } };
}

async function keepIn(environment: string, { service, version, of, timing }: EvidenceInput): Promise<EvidenceResult> {
  const summary = `keep the evidence of ${service} ${version} in ${environment}`;
  const request = { service, version, environment, of };
  try {
    const answer = await archivists(environment, timing).keepEvidence.executeWithOptions({ summary }, [request]);
    if (!answer.ok) return { kept: false, refusal: answer.refusal };
    return { kept: true, summary: answer.summary, facts: answer.facts };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kept: false, refusal: refusalFrom(error) };
  }
}
