/** What the cluster can add to a failure: Warning events of the pod, and the last line that a crashed container wrote. */
import type { Refusal } from '../../../domain/error-code.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';
import { type ClusterEvent, type ObjectList, type Pod, isReady } from './kubernetes-objects.ts';
import { newPods } from './newest-revision.ts';
import type { Symptom } from './pod-symptoms.ts';
import { redactLine } from './redact-line.ts';
import type { RollOutFacts } from './roll-out-facts.ts';
import { shorten } from './roll-out-refusals.ts';

const TIME_MS = 3000;
const MOST_EVENTS = 2;
const LOG_BYTES = 4096;

/** The same refusal with what could be found out in three seconds; what could not be read is said, never thrown. */
export async function withEvidence(
  api: ApiClient,
  facts: RollOutFacts,
  refusal: Refusal,
  culprit: Symptom | undefined,
  signal: AbortSignal,
): Promise<Refusal> {
  const pod = suspect(facts, culprit);
  if (pod === undefined) return refusal;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]);
  const [events, log] = await Promise.all([
    attempt('events', () => warnings(api, facts.namespace, pod, refusal.message, limited)),
    culprit?.ranBefore === true && culprit.container !== undefined
      ? attempt('log', () => lastLogLine(api, facts.namespace, pod, culprit.container ?? '', limited))
      : [],
  ]);
  signal.throwIfAborted();
  const found = [...events, ...log];
  return found.length === 0 ? refusal : { ...refusal, message: [refusal.message, ...found].join('; ') };
}

/** The pod that the refusal is about, else the first new one that is not ready. */
function suspect(facts: RollOutFacts, culprit: Symptom | undefined): Pod | undefined {
  if (culprit?.pod !== undefined) return facts.pods.find((pod) => pod.metadata.name === culprit.pod);
  const { object } = facts;
  return object === undefined ? undefined : newPods({ ...facts, object }).find((pod) => !isReady(pod));
}

async function warnings(
  api: ApiClient,
  namespace: string,
  pod: Pod,
  known: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { body } = await api.call({
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`,
    query: { fieldSelector: `involvedObject.uid=${pod.metadata.uid},type=Warning`, limit: '50' },
    asked: { verb: 'list', resource: 'events', namespace, what: `events of pod/${pod.metadata.name}` },
    signal,
  });
  const lines = (body as ObjectList<ClusterEvent>).items.map(
    ({ reason = 'Warning', message = '' }) => `event ${reason}: ${redactLine(shorten(message))}`,
  );
  const fresh = [...new Set(lines)].filter((line) => !known.includes(line.slice(line.indexOf(': ') + 2)));
  return fresh.slice(-MOST_EVENTS);
}

async function lastLogLine(
  api: ApiClient,
  namespace: string,
  pod: Pod,
  container: string,
  signal: AbortSignal,
): Promise<string[]> {
  const text = await api.text(
    {
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${pod.metadata.name}/log`,
      query: { container, previous: 'true', tailLines: '20', limitBytes: String(LOG_BYTES) },
      asked: { verb: 'get', resource: 'pods/log', namespace, what: `log of pod/${pod.metadata.name}` },
      signal,
    },
    LOG_BYTES,
  );
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return last === '' ? [] : [`last log line: ${redactLine(shorten(last))}`];
}

async function attempt(what: string, ask: () => Promise<string[]>): Promise<string[]> {
  try {
    return await ask();
  } catch (error) {
    const why = error instanceof PortError ? error.message : 'no answer in time';
    return [`${what} not readable (${shorten(why)})`];
  }
}
