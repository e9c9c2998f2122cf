/** `deployment/iam` as configuration writes it, and the three kinds that can roll out. */
import { PortError } from '../../../ports/port-error.ts';

export const WORKLOAD_KINDS = {
  deployment: { kind: 'Deployment', plural: 'deployments' },
  statefulset: { kind: 'StatefulSet', plural: 'statefulsets' },
  daemonset: { kind: 'DaemonSet', plural: 'daemonsets' },
} as const;

export type WorkloadKind = (typeof WORKLOAD_KINDS)[keyof typeof WORKLOAD_KINDS]['kind'];

export interface WorkloadName {
  /** As it was written; what verdicts and progress lines call it. */
  readonly text: string;
  readonly kind: WorkloadKind;
  /** Resource name in paths of the API (`apps/v1`). */
  readonly plural: string;
  readonly name: string;
}

/** Throws `input-invalid` for a kind that cannot roll out. */
export function parseWorkload(text: string): WorkloadName {
  const [prefix, name, ...rest] = text.split('/');
  const known = Object.entries(WORKLOAD_KINDS).find(([word]) => word === prefix?.toLowerCase());
  if (known === undefined || name === undefined || name === '' || rest.length > 0) {
    throw new PortError('input-invalid', `workload "${text}" cannot roll out`, {
      retry: 'no',
      expected: 'deployment/<name>, statefulset/<name> or daemonset/<name>',
      got: text,
      remedy: 'correct "workloads" of the service in sluice.yaml',
    });
  }
  return { text, kind: known[1].kind, plural: known[1].plural, name };
}
