/** Starting a release, or attaching to the one that exists: the same service, version and content is one release for ever. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { RELEASE, type ReleaseInput, type ReleaseMemo } from '../contract/release-workflow.ts';
import { DIGEST, SERVICE, VERSION } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { releaseId } from '../contract/workflow-ids.ts';
import { shortDigest } from '../domain/digest.ts';
import { ImageReferenceError, type ImageReference, parseImageReference } from '../domain/image-reference.ts';
import type { Engine } from './engine.ts';
import { assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking } from './temporal-errors.ts';

export interface StartRequest extends Omit<ReleaseInput, 'requestedBy'> {
  /** The name under which it is started; the connection's user unless given. */
  readonly requestedBy?: string;
}

export interface StartedRelease {
  readonly service: string;
  readonly version: string;
  readonly workflowId: string;
  readonly runId: string;
  /** `started` by this call; `attached` to a running one; `finished` long ago, nothing was started. */
  readonly how: 'started' | 'attached' | 'finished';
}

/** Throws `version-taken`, `reference-malformed`, `version-malformed`, `temporal-unreachable`. */
export async function startRelease(engine: Engine, request: StartRequest): Promise<StartedRelease> {
  assertKey(request);
  const reference = referenceIn(request.image);
  const input: ReleaseInput = { ...request, requestedBy: request.requestedBy ?? engine.user };
  const workflowId = releaseId(input.service, input.version);
  const what = `starting ${workflowId}`;
  try {
    const handle = await engine.connection.withDeadline(Date.now() + engine.callTimeoutMs, () =>
      engine.temporal.workflow.start(RELEASE, {
        workflowId,
        taskQueue: ENGINE_QUEUE,
        args: [input],
        // FAIL instead of USE_EXISTING: only so can the caller be told whether this call started it
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { ...memoOf(input) },
        typedSearchAttributes: [
          { key: SERVICE, value: input.service },
          { key: VERSION, value: input.version },
          ...(reference.digest === undefined ? [] : [{ key: DIGEST, value: reference.digest as string }]),
        ],
        staticSummary: summaryOf(input, reference),
      }),
    );
    const { service, version } = input;
    return { service, version, workflowId, runId: handle.firstExecutionRunId, how: 'started' };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return attach(engine, workflowId, input, reference);
    return asking(engine, { what, queue: ENGINE_QUEUE }, () => Promise.reject(error));
  }
}

async function attach(
  engine: Engine,
  workflowId: string,
  input: ReleaseInput,
  reference: ImageReference,
): Promise<StartedRelease> {
  const existing = await asking(engine, { what: `looking at ${workflowId}`, workflowId }, () =>
    engine.temporal.workflow.getHandle(workflowId).describe(),
  );
  const memo = (existing.memo ?? {}) as Partial<ReleaseMemo>;
  const digest = existing.typedSearchAttributes.get(DIGEST);
  const difference = differenceOf(memo, digest, input, reference);
  if (difference !== undefined) {
    throw new ReleaseEngineError(
      'version-taken',
      `${input.service} ${input.version} exists already, ${difference.what}`,
      {
        expected: difference.taken,
        got: difference.asked,
        remedy: 'give the new content a new version',
      },
    );
  }
  const how = existing.status.name === 'RUNNING' ? 'attached' : 'finished';
  return { service: input.service, version: input.version, workflowId, runId: existing.runId, how };
}

interface Difference {
  readonly what: string;
  readonly taken: string;
  readonly asked: string;
}

function differenceOf(
  memo: Partial<ReleaseMemo>,
  digest: string | undefined,
  input: ReleaseInput,
  reference: ImageReference,
): Difference | undefined {
  const taken = memo.image ?? 'an unknown image';
  if (!sameImage(memo.image, digest, input.image, reference)) {
    return { what: 'with another image', taken: digest ?? taken, asked: input.image };
  }
  if (memo.manifests !== input.manifests) {
    return { what: 'with other manifests', taken: memo.manifests ?? 'unknown', asked: input.manifests };
  }
  if (memo.until !== input.until) {
    return {
      what: 'with another end of its path',
      taken: memo.until ?? 'the whole path',
      asked: input.until ?? 'the whole path',
    };
  }
  return undefined;
}

/** Digests decide; two equal tags are the same request only as long as nobody knows better. */
function sameImage(
  takenText: string | undefined,
  takenDigest: string | undefined,
  askedText: string,
  asked: ImageReference,
): boolean {
  const taken = takenText === undefined ? undefined : referenceIn(takenText);
  if (taken?.repository !== asked.repository) return false;
  const known = taken.digest ?? takenDigest;
  if (asked.digest !== undefined) return known === asked.digest;
  return takenText === askedText;
}

function memoOf({ image, manifests, requestedBy, until, built }: ReleaseInput): ReleaseMemo {
  return {
    ...{ image, manifests, requestedBy },
    ...(until === undefined ? {} : { until }),
    ...(built === undefined ? {} : { built }),
  };
}

/** At most 400 bytes in Temporal's screens. */
function summaryOf(input: ReleaseInput, reference: ImageReference): string {
  const content = reference.digest === undefined ? `:${reference.tag}` : `@${shortDigest(reference.digest)}`;
  return `${input.service} ${input.version} · ${reference.repository}${content} · for ${input.requestedBy}`.slice(
    0,
    200,
  );
}

function referenceIn(text: string): ImageReference {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (error instanceof ImageReferenceError) throw new ReleaseEngineError(error.code, error.message, { cause: error });
    throw error;
  }
}
