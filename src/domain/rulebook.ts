/** What `sluice.yaml` says once it is read: the rules of the journey, without addresses, credentials or secrets. */
import type { GateRule } from './gate.ts';

/** Durations are milliseconds throughout. */
export interface ApprovalRule {
  /** How many different people must say yes. */
  readonly required: number;
  /** Names of approver groups; shown to people, enforced by the approval verifier. */
  readonly from: readonly string[];
  /** Whether the person who started the release may not answer. */
  readonly notRequester: boolean;
  /** How long the question stays open; then the release is refused. */
  readonly deadlineMs: number;
}

export interface EnvironmentRules {
  readonly name: string;
  /** Host (and port) of the environment's registry as image references name it. */
  readonly registryHost: string;
  readonly lockImages: boolean;
  readonly approval?: ApprovalRule;
  readonly rollOutTimeoutMs: number;
  /** What undo does with objects that did not exist before the first release of a service. */
  readonly firstRelease: 'remove' | 'leave';
  /** Asked in this order before a promotion enters; undefined: none. */
  readonly gates?: readonly GateRule[];
}

export interface HealthRule {
  /** Kubernetes Service whose load balancer is asked; unused when `url` is set. */
  readonly service: string;
  readonly port: number;
  readonly path: string;
  readonly attempts: number;
  readonly everyMs: number;
  /** One attempt's limit. */
  readonly timeoutMs: number;
  /** Consecutive good answers that count as healthy. */
  readonly passes: number;
  /** Full address by environment, instead of the load balancer's. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface ServiceRules {
  readonly name: string;
  readonly repository: string;
  /** Kubernetes namespace by environment. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** `deployment/iam`, `statefulset/…`, `daemonset/…`: what must roll out. */
  readonly workloads: readonly string[];
  readonly path: readonly string[];
  /** Undefined: the service has no address to ask, and the health step says so. */
  readonly health?: HealthRule;
}

export interface Timing {
  /** After this long without a sign of life an activity is given to another worker. */
  readonly heartbeatMs: number;
  /** How long a step is retried before it parks as "needs attention". */
  readonly retryForMs: number;
  /** How long "needs attention" waits for a person before it rolls back. */
  readonly attentionForMs: number;
  /** How long a pause lasts when nobody says otherwise. */
  readonly pauseForMs: number;
}

export interface Rulebook {
  /** Digest of the normalised configuration, part of every plan. */
  readonly policyVersion: string;
  readonly environments: Readonly<Record<string, EnvironmentRules>>;
  readonly services: Readonly<Record<string, ServiceRules>>;
  readonly timing: Timing;
}
