/** Looks at what runs in an environment without Sluice; with somebody's signed word for just that, it is remembered as what runs there. */
import { isCancellation, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { AdoptAnswer, AdoptionInput, AdoptionResult } from '../src/contract/adoption-workflow.ts';
import { DIGEST, VERSION } from '../src/contract/search-attributes.ts';
import { engineActivities, environmentActivities, lastWords } from './steps/activity-options.ts';
import { adoptionDetails } from './steps/adoption-details.ts';
import { refusalFrom } from './steps/trouble.ts';

export async function adoption(input: AdoptionInput): Promise<AdoptionResult> {
  const result = await run(input);
  setCurrentDetails(adoptionDetails(input, result));
  const { version, image } = result.report ?? {};
  upsertSearchAttributes([
    ...(version === undefined ? [] : [{ key: VERSION, value: version }]),
    ...(image === undefined ? [] : [{ key: DIGEST, value: image.digest }]),
  ]);
  return result;
}

async function run(input: AdoptionInput): Promise<AdoptionResult> {
  const { requestedBy: _, word, ...asked } = input;
  const { service, environment, version = 'any' } = asked;
  try {
    const journey = await engineActivities().readJourney({ service, version, until: environment });
    if (!journey.ok) return { outcome: 'refused', refusal: journey.refusal };
    const hands = environmentActivities(environment, journey.timing);
    if (word === undefined) {
      const summary = `look at ${service} in ${environment}`;
      return { outcome: 'looked', report: await hands.lookToAdopt.executeWithOptions({ summary }, [asked]) };
    }
    const summary = `adopt ${service} in ${environment}`;
    const answer = await hands.adopt.executeWithOptions({ summary }, [{ ...asked, word }]);
    if (!answer.ok) {
      const { refusal, report } = answer;
      return { outcome: 'refused', refusal, ...(report === undefined ? {} : { report }) };
    }
    await tellDesk(input, answer);
    return { outcome: answer.how, adopted: answer.adopted, report: answer.report };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { outcome: 'refused', refusal: refusalFrom(error) };
  }
}

type Done = AdoptAnswer & { readonly ok: true };

/** The desk and the guardian hear what runs there, as after a promotion. */
async function tellDesk({ service, environment }: AdoptionInput, { adopted, report }: Done): Promise<void> {
  const { version, image } = report;
  if (version === undefined || image === undefined) return;
  const { workflowId, runId } = workflowInfo();
  const { by, at: since } = adopted;
  const running = { service, version, digest: image.digest, since, approvedBy: [], requestedBy: by, workflowId };
  await lastWords().returnLease({ environment, said: { runId, running } });
}
