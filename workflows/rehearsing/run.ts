/** One rehearsal under way: what it was asked, and what its `status` query answers. */
import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { rehearsalQuery, type RehearsalInput, type RehearsalStatus } from '../../src/contract/rehearsal-workflow.ts';
import { OUTCOME } from '../../src/contract/search-attributes.ts';
import { rehearsalDetails } from '../steps/details.ts';
import { now } from '../steps/run.ts';

export interface Rehearsing {
  readonly input: RehearsalInput;
  /** As its roll-backs and their holds say it. */
  readonly reason: string;
  readonly status: RehearsalStatus;
  change(fields: Partial<RehearsalStatus>): void;
  end(ok: boolean, said: string, fields: Partial<RehearsalStatus>): RehearsalStatus;
}

export function openRehearsal(input: RehearsalInput): Rehearsing {
  const { service, environment, forReal, requestedBy } = input;
  let status: RehearsalStatus = {
    ...{ format: 1, kind: forReal ? 'rollback-rehearsal' : 'rollback-check', at: now() },
    ...{ service, environment, forReal, requestedBy },
    ...{ reason: input.reason, phase: 'checking', checks: [] },
  };
  const change = (fields: Partial<RehearsalStatus>): void => {
    status = { ...status, ...fields };
    setCurrentDetails(rehearsalDetails(status));
  };
  change({});
  setHandler(rehearsalQuery, () => status);
  return {
    input,
    // the same that the hold was set for that is lifted at the end
    reason: input.finish?.reason ?? `rehearsal: ${input.reason}`,
    get status() {
      return status;
    },
    change,
    end(ok, said, fields) {
      change({ ...fields, ok, said, at: now(), phase: 'finished' });
      upsertSearchAttributes([{ key: OUTCOME, value: ok ? 'released' : 'refused' }]);
      return status;
    },
  };
}
