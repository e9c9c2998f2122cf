/** What Temporal's client throws → {@link ReleaseEngineError}. Messages of Temporal are only looked at where it has no code for the case. */
import {
  ServiceError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError, TemporalFailure, WorkflowNotFoundError } from '@temporalio/common';
import { isErrorCode } from '../domain/error-code.ts';
import type { Engine } from './engine.ts';
import { ATTRIBUTES, registering } from './registering.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { missingWorker } from './workers.ts';

// google.rpc.Code, as gRPC numbers them
const CANCELLED = 1;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

export interface Attempted {
  /** "status of release iam 1.2.3": what was being done. */
  readonly what: string;
  readonly workflowId?: string;
  /** The queue whose worker had to answer. */
  readonly queue?: string;
  /** The workflow itself waits for others before it answers: milliseconds that are worth waiting while somebody serves the queue. */
  readonly patienceMs?: number;
  /** It changes something: the server keeps it for a while although nobody has answered. How to look whether it took effect. */
  readonly left?: { readonly look: string; readonly takeBack?: string };
}

/** Runs `call` with a deadline and turns whatever it throws into a {@link ReleaseEngineError}. */
export async function asking<Answer>(
  engine: Engine,
  attempted: Attempted,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const waitMs = waitOf(engine, attempted);
  const patiently = waitMs > engine.callTimeoutMs ? () => whileServed(engine, attempted, call) : call;
  try {
    return await engine.connection.withDeadline(Date.now() + waitMs, patiently);
  } catch (error) {
    throw await explained(engine, attempted, error);
  }
}

function waitOf({ callTimeoutMs }: Engine, { patienceMs = 0 }: Attempted): number {
  return Math.max(callTimeoutMs, patienceMs);
}

/** Whoever stops something in a hurry hears early that nobody is there to do it. */
async function whileServed<Answer>(
  engine: Engine,
  { queue = '' }: Attempted,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const alone = Promise.withResolvers<never>();
  const look = async (): Promise<void> => {
    const missing = await missingWorker(engine, queue, undefined);
    if (missing !== undefined) alone.reject(new Unserved(missing));
  };
  // a server that cannot be asked lets the call itself say so
  const timer = setTimeout(() => void look().catch(() => undefined), engine.callTimeoutMs);
  try {
    return await Promise.race([call(), alone.promise]);
  } finally {
    clearTimeout(timer);
  }
}

class Unserved extends Error {
  readonly missing: ReleaseEngineError;
  constructor(missing: ReleaseEngineError) {
    super(missing.message);
    this.missing = missing;
  }
}

export async function explained(engine: Engine, attempted: Attempted, error: unknown): Promise<ReleaseEngineError> {
  const said = await understood(engine, attempted, error);
  const { left } = attempted;
  if (left === undefined || said.code !== 'worker-missing' || said === error) return said;
  const back = left.takeBack === undefined ? '' : `, take it back with "${left.takeBack}"`;
  return new ReleaseEngineError(said.code, `${said.message}; it was left with the server and may still take effect`, {
    remedy: `${said.remedy ?? ''}; look whether it did with "${left.look}"${back}`,
    cause: said.cause,
  });
}

async function understood(engine: Engine, attempted: Attempted, error: unknown): Promise<ReleaseEngineError> {
  if (error instanceof ReleaseEngineError) return error;
  if (error instanceof Unserved) return error.missing;
  const failure = applicationFailureIn(error);
  if (failure !== undefined) return fromFailure(failure);
  if (error instanceof WorkflowNotFoundError) return notFound(engine, attempted, error);
  if (error instanceof NamespaceNotFoundError) return namespaceMissing(engine, error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return unanswered(engine, attempted, error);

  const status = grpcCodeOf(error);
  const detail = detailOf(error);
  // a question about no workflow in particular can only miss its namespace
  if (status === NOT_FOUND && attempted.workflowId === undefined) return namespaceMissing(engine, error);
  if (status === NOT_FOUND) return notFound(engine, attempted, error);
  if (status === UNAVAILABLE || status === RESOURCE_EXHAUSTED) return unreachable(engine.address, error);
  // Seen when a worker is killed while it is asked: the server cancels the question.
  if (status === CANCELLED || status === DEADLINE_EXCEEDED || status === FAILED_PRECONDITION) {
    return unanswered(engine, attempted, error);
  }
  if (status === PERMISSION_DENIED || status === UNAUTHENTICATED) {
    return new ReleaseEngineError('temporal-unreachable', `Temporal at ${engine.address} refused: ${detail}`, {
      remedy: `ask for the role "write" on namespace ${engine.namespace}, or check TEMPORAL_API_KEY and TEMPORAL_TLS_*`,
      cause: error,
    });
  }
  if (status === INVALID_ARGUMENT && /search attribute/i.test(detail)) return attributesMissing(engine, error);
  // Whatever the server calls it: a question that a worker had to answer fails when there is none.
  const missing = attempted.queue === undefined ? undefined : await missingWorker(engine, attempted.queue, error);
  return missing ?? new ReleaseEngineError('internal', `${attempted.what}: ${detail}`, { cause: error });
}

export function unreachable(address: string, cause: unknown): ReleaseEngineError {
  return new ReleaseEngineError('temporal-unreachable', `Temporal does not answer at ${address}: ${detailOf(cause)}`, {
    remedy: 'start it, or name another address with TEMPORAL_ADDRESS or TEMPORAL_PROFILE; "sluice doctor" looks closer',
    cause,
  });
}

function namespaceMissing({ namespace, address }: Engine, cause: unknown): ReleaseEngineError {
  return new ReleaseEngineError('temporal-unreachable', `Temporal at ${address} has no namespace "${namespace}"`, {
    remedy: `temporal operator namespace create --namespace ${namespace}, or set TEMPORAL_NAMESPACE`,
    cause,
  });
}

function attributesMissing(engine: Engine, cause: unknown): ReleaseEngineError {
  const where = `namespace ${engine.namespace} of ${engine.address}`;
  return new ReleaseEngineError('temporal-unreachable', `${where} does not know the search attributes of Sluice`, {
    ...{ expected: ATTRIBUTES.join(', '), got: detailOf(cause) },
    remedy: registering(engine),
    cause,
  });
}

function notFound(engine: Engine, attempted: Attempted, cause: Error | unknown): ReleaseEngineError {
  const detail = detailOf(cause);
  if (/already completed|closed/i.test(detail)) {
    return new ReleaseEngineError(
      'release-finished',
      `${attempted.what}: it is finished, nothing can be said to it any more`,
      {
        remedy: 'look at its outcome with "sluice status"',
        cause,
      },
    );
  }
  const id = attempted.workflowId ?? attempted.what;
  return new ReleaseEngineError(
    'release-not-found',
    `there is no ${id} in namespace ${engine.namespace} of ${engine.address}`,
    {
      remedy: 'see what there is with "sluice list"',
      cause,
    },
  );
}

/** Nobody answered in time: because no worker asks for work, or because it is busy. */
async function unanswered(engine: Engine, attempted: Attempted, cause: unknown): Promise<ReleaseEngineError> {
  if (attempted.queue !== undefined) {
    const missing = await missingWorker(engine, attempted.queue, cause);
    if (missing !== undefined) return missing;
  }
  // of a time that has run out gRPC says nothing that helps anybody; why it could not be asked the server knows best
  const why = grpcCodeOf(cause) === FAILED_PRECONDITION ? ` (${detailOf(cause)})` : '';
  const message = `${attempted.what}: no answer within ${waitOf(engine, attempted) / 1_000} s${why}`;
  return new ReleaseEngineError('worker-missing', message, {
    remedy: 'look at the log of the workers; "sluice doctor" says which queues are served',
    cause,
  });
}

function fromFailure(failure: ApplicationFailure): ReleaseEngineError {
  const code = isErrorCode(failure.type) ? failure.type : 'internal';
  const facts = (failure.details?.[0] ?? {}) as { expected?: unknown; got?: unknown; remedy?: unknown };
  return new ReleaseEngineError(code, failure.message, {
    ...(typeof facts.expected === 'string' ? { expected: facts.expected } : {}),
    ...(typeof facts.got === 'string' ? { got: facts.got } : {}),
    ...(typeof facts.remedy === 'string' ? { remedy: facts.remedy } : {}),
    cause: failure,
  });
}

/** Updates, activities and children wrap the failure that matters. */
function applicationFailureIn(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  const wraps =
    error instanceof WorkflowUpdateFailedError ||
    error instanceof WorkflowFailedError ||
    error instanceof TemporalFailure;
  return wraps ? applicationFailureIn(error.cause) : undefined;
}

/** That no worker answers, rather than that one workflow cannot: its task may fail, which the server says with the code of an idle queue. */
export function saysNobodyAnswers(error: unknown): boolean {
  const status = grpcCodeOf(error);
  if (status === FAILED_PRECONDITION) return !/failed state/i.test(detailOf(error));
  return status === UNAVAILABLE || status === DEADLINE_EXCEEDED || status === CANCELLED;
}

function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}

function detailOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  if (error instanceof ServiceError && error.cause !== undefined) return detailOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
