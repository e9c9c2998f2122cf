/** Event histories as a server would tell them, written down by hand: what a workflow was, what it asked and was answered, how it ended. */
import type { Histories } from '../../src/evidence/histories.ts';

export interface Told {
  readonly workflow: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly input: unknown;
  readonly parent?: { readonly workflowId: string; readonly runId: string };
  readonly activities?: readonly { readonly name: string; readonly request: unknown; readonly answer?: unknown }[];
  readonly children?: readonly { readonly workflowId: string; readonly runId: string }[];
  /** What was said to it after that. */
  readonly messages?: readonly TellMessage[];
  /** Whether a worker came after the last of them; undefined: one did. */
  readonly heard?: false;
  /** Undefined: it has not ended. */
  readonly result?: unknown;
}

interface TellMessage {
  readonly name: string;
  readonly how: 'update' | 'signal';
  readonly said: unknown;
  /** The workflow that has sent the signal. */
  readonly from?: { readonly workflowId: string; readonly runId: string };
}

const START = Date.parse('2026-11-23T11:00:00Z');

/** In protobuf JSON, as `temporal workflow show --output json` prints it. */
export function historyOf(told: Told): unknown {
  const { workflow, runId, input, parent, activities = [], children = [], messages = [], heard, result } = told;
  const events: object[] = [];
  const add = (type: string, attributes: object): string => {
    const eventId = String(events.length + 1);
    const eventTime = new Date(START + events.length * 1_000).toISOString();
    const name = type.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    events.push({ eventId, eventTime, eventType: `EVENT_TYPE_${type}`, [`${name}EventAttributes`]: attributes });
    return eventId;
  };
  add('WORKFLOW_EXECUTION_STARTED', {
    workflowType: { name: workflow },
    originalExecutionRunId: runId,
    input: payloads(input),
    ...(parent === undefined ? {} : { parentWorkflowExecution: parent }),
  });
  for (const child of children) add('CHILD_WORKFLOW_EXECUTION_STARTED', { workflowExecution: child });
  for (const { name, request, answer } of activities) {
    const scheduledEventId = add('ACTIVITY_TASK_SCHEDULED', { activityType: { name }, input: payloads(request) });
    if (answer !== undefined) add('ACTIVITY_TASK_COMPLETED', { scheduledEventId, result: payloads(answer) });
  }
  for (const { name, how, said, from } of messages) {
    if (how === 'update')
      add('WORKFLOW_EXECUTION_UPDATE_ACCEPTED', { acceptedRequest: { input: { name, args: payloads(said) } } });
    else
      add('WORKFLOW_EXECUTION_SIGNALED', {
        ...{ signalName: name, input: payloads(said) },
        ...(from === undefined ? {} : { externalWorkflowExecution: from }),
      });
  }
  if (messages.length > 0 && heard !== false) add('WORKFLOW_TASK_COMPLETED', {});
  if (result !== undefined) add('WORKFLOW_EXECUTION_COMPLETED', { result: payloads(result) });
  return { events };
}

/** A server that has these and no others. */
export function historiesIn(told: readonly Told[]): Histories {
  return {
    async read({ workflowId, runId }) {
      const found = told.findLast(
        (one) => one.workflowId === workflowId && (runId === undefined || one.runId === runId),
      );
      return found === undefined ? undefined : historyOf(found);
    },
    runsOf: async (workflowId) => told.filter((one) => one.workflowId === workflowId).map((one) => one.runId),
  };
}

function payloads(value: unknown): object {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return { payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) }] };
}
