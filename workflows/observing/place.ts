/** Where a run stands in its trace. Everything is taken from its ids, so that whoever observes it again says the same. */
import type { WorkflowInfo } from '@temporalio/workflow';
import type { Journey } from '../../src/contract/observation.ts';
import { PROMOTION } from '../../src/contract/promotion-workflow.ts';
import { ROLLBACK } from '../../src/contract/rollback-workflow.ts';
import { RELEASE } from '../../src/contract/release-workflow.ts';

export interface Place {
  readonly what: 'release' | 'rollback' | 'promotion';
  readonly journey: Journey;
  readonly workflowId: string;
  readonly runId: string;
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  readonly service: string;
  readonly version?: string;
  readonly environment?: string;
  readonly digest?: string;
}

interface Input {
  readonly service: string;
  readonly version?: string;
  readonly environment?: string;
  readonly to?: string;
  readonly image?: unknown;
  readonly rollback?: { readonly rehearsal?: unknown };
  readonly rehearsal?: unknown;
}

export function placeOf(info: WorkflowInfo, given: unknown): Place {
  const asked = (given ?? {}) as Input;
  const { service, version, environment, to, image } = asked;
  const { workflowType, workflowId, runId, originalExecutionRunId, parent, namespace } = info;
  const what = workflowType === RELEASE ? 'release' : workflowType === ROLLBACK ? 'rollback' : 'promotion';
  const root = what === 'promotion' && parent !== undefined ? parent : { workflowId, runId: originalExecutionRunId };
  const named = version ?? to;
  const digest = (image as { readonly digest?: string } | undefined)?.digest;
  const trace = traceOf(namespace, root);
  return {
    what,
    journey: journeyOf(what, asked),
    ...{ workflowId, runId, trace, service },
    // a run that was reset goes on with its spans
    span: workflowType === PROMOTION ? `${trace} ${workflowId} ${originalExecutionRunId}` : trace,
    ...(workflowType === PROMOTION && parent !== undefined ? { parent: trace } : {}),
    ...(named === undefined ? {} : { version: named }),
    ...(environment === undefined ? {} : { environment }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function journeyOf(what: Place['what'], { rollback, rehearsal }: Input): Journey {
  if ((rollback?.rehearsal ?? rehearsal) !== undefined) return 'rehearsal';
  return what === 'rollback' || rollback !== undefined ? 'rollback' : 'release';
}

/** There is exactly one release of its name; one environment is rolled back more than once. */
function traceOf(
  namespace: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): string {
  const isRelease = workflowId.startsWith(`${RELEASE}/`);
  return [namespace, workflowId, ...(isRelease ? [] : [runId])].join(' ');
}
