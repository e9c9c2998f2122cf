/** Where an environment has a guardian, it is told what is right from now on; nobody waits for what it sees. */
import { Context } from '@temporalio/activity';
import type { DeskRequest } from '../src/contract/activities.ts';
import type { LeaseReturn } from '../src/contract/environment-workflow.ts';
import {
  GUARDIAN,
  type Guarded,
  guardianStart,
  type GuardianInput,
  guardSignal,
} from '../src/contract/guardian-workflow.ts';
import type { Rulebook } from '../src/domain/rulebook.ts';

/** Starts it when there is none. Twice is once. */
export async function appointGuardian(
  { guardians = {} }: Pick<Rulebook, 'guardians'>,
  { environment, said: { running } }: DeskRequest<LeaseReturn>,
): Promise<void> {
  if (running === undefined || !Object.hasOwn(guardians, environment)) return;
  const { service, version, digest, since, workflowId, requestedBy } = running;
  const guarded: Guarded = { version, digest, since, workflowId, requestedBy };
  await Context.current().client.workflow.signalWithStart<(input: GuardianInput) => Promise<void>, [Guarded]>(
    GUARDIAN,
    { ...guardianStart({ environment, service }), signal: guardSignal, signalArgs: [guarded] },
  );
}
