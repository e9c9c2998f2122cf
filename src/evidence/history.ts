/**
 * One event history as Temporal's own tools write it (`temporal workflow show --output json`, protobuf JSON), read without Temporal:
 * what the workflow was, what it asked of whom, what it was answered, and how it ended. Nothing in it is signed by anybody.
 */
import { recordOf } from '../content/json-object.ts';
import { unreadable } from './evidence-error.ts';

/** One activity with what it was asked and, if it came to an end, what it answered. */
export interface Asked {
  readonly activity: string;
  readonly request: unknown;
  /** Undefined: it failed, or was not answered. */
  readonly answer?: unknown;
  /** ISO 8601; undefined: it was not. */
  readonly answeredAt?: string;
}

/** What somebody has said to the workflow. */
export interface Message {
  readonly name: string;
  readonly how: 'update' | 'signal';
  readonly said: unknown;
  /** Of a signal that a workflow has sent: which one. */
  readonly from?: Started;
  /** False: nobody was there yet who would have heard it. */
  readonly isHeard: boolean;
  /** ISO 8601. */
  readonly at: string;
}

export interface Started {
  readonly workflowId: string;
  readonly runId: string;
}

export interface History {
  /** `release`, `promotion` … */
  readonly workflow: string;
  readonly runId: string;
  readonly input: unknown;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly parent?: Started;
  readonly activities: readonly Asked[];
  readonly messages: readonly Message[];
  readonly children: readonly Started[];
  /** Undefined: it had not ended, or not well. */
  readonly result?: unknown;
  /** ISO 8601; undefined: it had not ended. */
  readonly endedAt?: string;
  readonly events: number;
}

type Raw = Readonly<Record<string, unknown>>;

/** Throws `evidence-unreadable` for what is no history. */
export function readHistory(value: unknown): History {
  const events = recordOf(value)['events'];
  if (!Array.isArray(events)) throw unreadable('a history in it is no event history');
  const all = events.map(recordOf);
  const started = attributes(all[0], 'workflowExecutionStarted');
  const workflow = recordOf(started?.['workflowType'])['name'];
  const runId = started?.['originalExecutionRunId'];
  if (started === undefined || typeof workflow !== 'string' || typeof runId !== 'string')
    throw unreadable('a history in it does not begin with the start of a workflow');
  const parent = executionOf(started['parentWorkflowExecution']);
  const ended = all.findLast((event) => END.test(textOf(event['eventType'])));
  const completed = attributes(ended, 'workflowExecutionCompleted');
  return {
    workflow,
    runId,
    input: firstPayload(started['input']),
    startedAt: textOf(all[0]?.['eventTime']),
    ...(parent === undefined ? {} : { parent }),
    activities: activitiesIn(all),
    messages: messagesIn(all),
    children: all.flatMap((event) => {
      const child = executionOf(attributes(event, 'childWorkflowExecutionStarted')?.['workflowExecution']);
      return child === undefined ? [] : [child];
    }),
    ...(completed === undefined ? {} : { result: firstPayload(completed['result']) }),
    ...(ended === undefined ? {} : { endedAt: textOf(ended['eventTime']) }),
    events: all.length,
  };
}

const END = /^EVENT_TYPE_WORKFLOW_EXECUTION_(?:COMPLETED|FAILED|TIMED_OUT|CANCELED|TERMINATED|CONTINUED_AS_NEW)$/;

function activitiesIn(events: readonly Raw[]): readonly Asked[] {
  const answers = new Map<unknown, Pick<Asked, 'answer' | 'answeredAt'>>();
  for (const event of events) {
    const completed = attributes(event, 'activityTaskCompleted');
    if (completed === undefined) continue;
    const answer = firstPayload(completed['result']);
    answers.set(completed['scheduledEventId'], { answer, answeredAt: textOf(event['eventTime']) });
  }
  return events.flatMap((event): readonly Asked[] => {
    const scheduled = attributes(event, 'activityTaskScheduled');
    if (scheduled === undefined) return [];
    const activity = textOf(recordOf(scheduled['activityType'])['name']);
    return [{ activity, request: firstPayload(scheduled['input']), ...answers.get(event['eventId']) }];
  });
}

/** An update stands in the history of those who have taken it; a signal also before anybody has heard it. */
function messagesIn(events: readonly Raw[]): readonly Message[] {
  const lastTask = events.findLastIndex((event) => attributes(event, 'workflowTaskCompleted') !== undefined);
  return events.flatMap((event, index) =>
    messageIn(event).map((one) => ({ ...one, isHeard: one.how === 'update' || index < lastTask })),
  );
}

function messageIn(event: Raw): readonly Omit<Message, 'isHeard'>[] {
  const at = textOf(event['eventTime']);
  const signal = attributes(event, 'workflowExecutionSignaled');
  if (signal !== undefined) {
    const from = executionOf(signal['externalWorkflowExecution']);
    const sender = from === undefined ? {} : { from };
    return [{ name: textOf(signal['signalName']), how: 'signal', said: firstPayload(signal['input']), ...sender, at }];
  }
  const update = attributes(event, 'workflowExecutionUpdateAccepted');
  if (update === undefined) return [];
  const { name, args } = recordOf(recordOf(update['acceptedRequest'])['input']);
  return [{ name: textOf(name), how: 'update', said: firstPayload(args), at }];
}

function attributes(event: Raw | undefined, what: string): Raw | undefined {
  const found = event?.[`${what}EventAttributes`];
  return found === undefined || found === null ? undefined : recordOf(found);
}

function executionOf(value: unknown): Started | undefined {
  const { workflowId, runId } = recordOf(value);
  return typeof workflowId === 'string' && typeof runId === 'string' ? { workflowId, runId } : undefined;
}

/** Undefined for what is no JSON payload. */
function firstPayload(value: unknown): unknown {
  const payloads = recordOf(value)['payloads'];
  const data = Array.isArray(payloads) ? recordOf(payloads[0])['data'] : undefined;
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
