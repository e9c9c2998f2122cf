/** When nobody has looked: no worker of the environment took the look on, or it could not be done at all. */
import { condition } from '@temporalio/workflow';
import type { LookAnswer } from '../../src/contract/guardian-workflow.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { datedFindings, type Seen } from '../../src/domain/finding.ts';
import { LOOK_FAILED_AGAIN_MS } from '../steps/activity-options.ts';
import { now } from '../steps/run.ts';
import type { Guard } from './guard.ts';

/** That nothing is known is found like anything else; what was found before stays. It rests a little: what fails at once would fail again. */
export async function nobodyLooked(guard: Guard, { code, message, remedy }: Refusal): Promise<LookAnswer> {
  const { environment, guarded, findings: known } = guard;
  await condition(() => guard.isStirred, LOOK_FAILED_AGAIN_MS, { summary: 'nobody has looked: tries again' });
  const at = now();
  if (guarded === undefined) return { kind: 'away', at, said: message };
  const what = `everything, by a worker of ${environment}`;
  const blind: Seen = { about: 'blind', what, code, message, ...(remedy === undefined ? {} : { remedy }) };
  const others = known.filter((one) => one.about !== 'blind');
  const findings = datedFindings([...others, blind], known, at);
  return { kind: 'seen', at, guarded, repository: '', findings, confirmed: true, wanted: 'alert' };
}
