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

async function keep({ timing, ...request }: EvidenceInput): Promise<EvidenceResult> {
  const { service, version, environment } = request;
  const summary = `keep the evidence of ${service} ${version} in ${environment}`;
  try {
    const answer = await archivists(environment, timing).keepEvidence.executeWithOptions({ summary }, [request]);
    if (!answer.ok) return { kept: false, refusal: answer.refusal };
    return { kept: true, summary: answer.summary, facts: answer.facts };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kept: false, refusal: refusalFrom(error) };
  }
}
