/** Taking a running service into management: what is found there, and somebody's signed word for just that. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ADOPTION,
  type AdoptionInput,
  type AdoptionReport,
  type AdoptionRequest,
  type AdoptionResult,
  adoptionStart,
} from '../contract/adoption-workflow.ts';
import { deskStart, ENVIRONMENT_WORKFLOW, type EnvironmentInput } from '../contract/environment-workflow.ts';
import { ENGINE_QUEUE, environmentQueue } from '../contract/task-queues.ts';
import { adoptionId, environmentId, releaseId } from '../contract/workflow-ids.ts';
import type { ApprovalStatement } from '../domain/approval.ts';
import { faultOfText, LONGEST_REASON } from '../domain/said.ts';
import type { Signer } from './answers.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey, assertNoFault } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking, explained } from './temporal-errors.ts';
import { missingWorker } from './workers.ts';

export interface LookRequest extends AdoptionRequest {
  /** The connection's user unless given. */
  readonly requestedBy?: string;
}

export interface AdoptServiceRequest extends LookRequest {
  /** As {@link AdoptionReport.found} says it: what the person was shown. */
  readonly found: string;
  readonly version: string;
  readonly manifests: string;
  readonly reason: string;
  /** Undefined: the word states a name and proves nothing; environments that ask people about promotions refuse that. */
  readonly signer?: Signer;
}

export type AdoptedService = AdoptionResult & { readonly outcome: 'adopted' | 'already' };

/** Nobody comes back to an adoption tomorrow: it is looked at again then. */
const PATIENCE_MS = 120_000;
const LIFETIME = '10 minutes';
/** A signed word is used at once. */
const GOOD_FOR_MS = 3_600_000;

/** Changes nothing. Throws `service-unknown`, `environment-unknown`, `worker-missing`, and what keeps the environment from looking. */
export async function lookToAdopt(engine: Engine, request: LookRequest): Promise<AdoptionReport> {
  const result = await run(engine, inputOf(engine, request));
  if (result.outcome === 'looked') return result.report;
  throw refusedBy(result);
}

/** Throws `adoption-blocked`, `adoption-changed`, and every `approval-…` code. */
export async function adoptService(engine: Engine, request: AdoptServiceRequest): Promise<AdoptedService> {
  const { found, reason, ...asked } = request;
  assertNoFault(faultOfText('reason', reason, LONGEST_REASON));
  const statement = await stated(engine, request);
  await openDesk(engine, asked.environment);
  const result = await run(engine, { ...inputOf(engine, asked), word: { found, statement } });
  if (result.outcome === 'adopted' || result.outcome === 'already') return result;
  throw refusedBy(result);
}

/** Nothing may have been released there yet, and the desk is where people look for what runs. */
async function openDesk(engine: Engine, environment: string): Promise<void> {
  assertEnvironment(environment);
  const workflowId = environmentId(environment);
  await asking(engine, { what: `opening ${workflowId}`, workflowId }, () =>
    engine.temporal.workflow.start<(input: EnvironmentInput) => Promise<void>>(ENVIRONMENT_WORKFLOW, {
      ...deskStart(environment),
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  );
}

async function stated(engine: Engine, request: AdoptServiceRequest): Promise<ApprovalStatement> {
  const { service, version, environment, found: planDigest, reason, signer } = request;
  const said = { decision: 'approve', planDigest, reason } as const;
  if (signer === undefined) return { ...said, approver: request.requestedBy ?? engine.user };
  const facts = { release: releaseId(service, version), service, version, environment, ...said };
  return { ...said, approver: signer.subject, statement: await signer.sign(facts, GOOD_FOR_MS) };
}

function inputOf(
  engine: Engine,
  { service, environment, version, manifests, requestedBy }: LookRequest,
): AdoptionInput {
  assertKey({ service, version: version ?? 'any' });
  assertEnvironment(environment);
  return {
    ...{ service, environment, requestedBy: requestedBy ?? engine.user },
    ...(version === undefined ? {} : { version }),
    ...(manifests === undefined ? {} : { manifests }),
  };
}

/** One at a time: what somebody else asks for at this moment is waited for. */
async function run(engine: Engine, input: AdoptionInput): Promise<AdoptionResult> {
  const workflowId = adoptionId(input.service, input.environment);
  try {
    return await engine.connection.withDeadline(Date.now() + PATIENCE_MS, () => runOnce(engine, workflowId, input));
  } catch (error) {
    for (const queue of [ENGINE_QUEUE, environmentQueue(input.environment)]) {
      const missing = await missingWorker(engine, queue, error).catch(() => undefined);
      if (missing !== undefined) throw missing;
    }
    throw await explained(engine, { what: workflowId, workflowId }, error);
  }
}

async function runOnce(engine: Engine, workflowId: string, input: AdoptionInput): Promise<AdoptionResult> {
  for (;;) {
    try {
      const handle = await engine.temporal.workflow.start(ADOPTION, {
        ...adoptionStart(input),
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        workflowExecutionTimeout: LIFETIME,
      });
      return (await handle.result()) as AdoptionResult;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await engine.temporal.workflow
        .getHandle(workflowId)
        .result()
        .catch(() => undefined);
    }
  }
}

function refusedBy(result: AdoptionResult): ReleaseEngineError {
  if (result.outcome !== 'refused')
    return new ReleaseEngineError('internal', `an adoption answered "${result.outcome}"`);
  const { code, message, ...rest } = result.refusal;
  const problems = (result.report?.points ?? []).filter(({ blocks }) => blocks);
  const list = problems.map((one) => ({
    where: one.part,
    message: one.message,
    ...(one.remedy === undefined ? {} : { remedy: one.remedy }),
  }));
  return new ReleaseEngineError(code, message, { ...rest, ...(list.length === 0 ? {} : { problems: list }) });
}
