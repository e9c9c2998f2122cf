/** The worker's log: one JSON object a line on standard error, fit for any collector. */
import { DefaultLogger, type LogEntry, type Logger } from '@temporalio/worker';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export function createLogger(write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  return new DefaultLogger('INFO', (entry) => write(`${JSON.stringify(lineOf(entry))}\n`));
}

/** Names of the attributes that may be written; whatever else an entry carries is left out, so that no secret slips in. */
const ATTRIBUTES = [
  'sdkComponent',
  'taskQueue',
  'namespace',
  'workflowType',
  'workflowId',
  'runId',
  'activityType',
  'activityId',
  'attempt',
  'error',
  'code',
  // what a zone refused, and to whom
  'audit',
  'environment',
  'service',
  'version',
  'planDigest',
  'requestedBy',
  'approver',
];

function lineOf({ level, timestampNanos, message, meta }: LogEntry): Record<string, unknown> {
  const time = new Date(Number(timestampNanos / NANOSECONDS_PER_MILLISECOND)).toISOString();
  const attributes = Object.entries(meta ?? {}).filter(([name]) => ATTRIBUTES.includes(name));
  return { time, level, message, ...Object.fromEntries(attributes.map(([name, value]) => [name, inWords(value)])) };
}

function inWords(value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
