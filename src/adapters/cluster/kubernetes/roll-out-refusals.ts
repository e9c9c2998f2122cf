/** What a failed roll-out says to people. */
import type { ErrorCode, Refusal } from '../../../domain/error-code.ts';
import { FIELD_MANAGER } from '../../../domain/field-manager.ts';
import type { RollOutFacts } from './roll-out-facts.ts';
import type { Symptom } from './pod-symptoms.ts';
import type { Workload } from './kubernetes-objects.ts';
import { templateImages } from './pod-template.ts';

const LONGEST_REASON = 600;

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  'image-pull-failed':
    "check that the nodes' identity may pull from this registry and that the registry answers the nodes",
  'crash-loop': 'read the logs of the pod, correct the service and release a new version',
  'container-not-startable':
    'correct the container (command, mounts, ConfigMaps and Secrets it names) in the manifests',
  'quota-exceeded': 'raise the ResourceQuota of the namespace, or lower the requests of the pods',
  'admission-denied': 'change the pod template so that admission accepts its pods',
  unschedulable: 'add nodes, or lower requests, affinity and tolerations of the pods',
  'progress-deadline': 'look at the pods, then retry or roll back',
  'roll-out-timeout': 'look at the pods, then retry with a longer rollOut timeout, or roll back',
  'roll-out-interfered': 'find out who else changes this workload, then retry',
  'scaled-to-zero': 'scale it up (or remove it from "workloads"), then retry',
  'workload-missing': 'put it into the manifests, or correct "workloads" of the service in sluice.yaml',
};

export function refusal(code: ErrorCode, message: string, facts?: { expected?: string; got?: string }): Refusal {
  const remedy = REMEDIES[code];
  return { code, message, ...facts, ...(remedy === undefined ? {} : { remedy }) };
}

export function workloadMissing({ workload, namespace }: RollOutFacts): Refusal {
  return refusal('workload-missing', `${workload} does not exist in namespace ${namespace}`);
}

/** Somebody else has changed what we wait for; says who, as far as the cluster knows. */
export function interfered(facts: RollOutFacts, object: Workload, what: string): Refusal {
  const newest = object.metadata.managedFields
    ?.filter(
      (one) => one.manager !== FIELD_MANAGER && one.subresource === undefined && 'f:spec' in (one.fieldsV1 ?? {}),
    )
    .toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  const by = newest?.manager === undefined ? '' : `, last by "${newest.manager}"`;
  return refusal(
    'roll-out-interfered',
    `${facts.workload} ${what}${by} (generation ${object.metadata.generation ?? '?'})`,
    {
      expected: facts.image,
      got: templateImages(object.spec.template).join(', '),
    },
  );
}

/** `bad` of `all` new pods show it; the first one speaks for all. */
export function sick(facts: RollOutFacts, symptom: Symptom, bad: number, all: number): Refusal {
  const who =
    symptom.pod === undefined ? 'its pods are refused' : `${bad} of ${all} new pods cannot run, pod ${symptom.pod}`;
  return refusal(symptom.code, `${facts.workload}: ${who}: ${shorten(symptom.why)}`, {
    expected: `pods that run ${facts.image}`,
    got: shorten(symptom.why),
  });
}

export function noProgress(facts: RollOutFacts, seconds: number, line: string, symptoms: readonly Symptom[]): Refusal {
  const message = `${facts.workload}: no progress for ${seconds} s (progressDeadlineSeconds); ${line}${inWords(symptoms)}`;
  return refusal('progress-deadline', message, { got: line });
}

export function outOfTime(lines: readonly string[], timeoutMs: number): Refusal {
  const state = lines.join('; ');
  return refusal('roll-out-timeout', `not rolled out within ${timeoutMs / 1000} s: ${state}`, { got: state });
}

/** `; pod iam-x: container iam: …` for the first few. */
export function inWords(symptoms: readonly Symptom[]): string {
  return symptoms
    .slice(0, 3)
    .map((one) => `; ${one.pod === undefined ? '' : `pod ${one.pod}: `}${shorten(one.why)}`)
    .join('');
}

export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON)}…`;
}
