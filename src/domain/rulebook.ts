/** What `sluice.yaml` says once it is read: the rules of the journey, without addresses, credentials or secrets. */
import type { GateRule, OverrideRule } from './gate.ts';
import type { ManifestRules } from './manifest-rules.ts';
import type { Interest } from './notification.ts';
import type { ProofRules } from './proof.ts';
import type { RestraintKind } from './restraint.ts';
import type { TurnPolicy } from './turns.ts';

/** How many people of which groups must say yes. */
export interface GroupRule {
  /** How many different people must say yes. */
  readonly required: number;
  /** Names of approver groups: one of them is enough. Enforced for whoever proves who they are. */
  readonly from: readonly string[];
  /** Whether the person who started the release may not answer. */
  readonly notRequester: boolean;
  /** The people whom the image's provenance names as its authors may not answer. */
  readonly notAuthor?: true;
}

/** Where provenance says who made an image: in statements of this type, by somebody whose signatures count. */
export interface AuthorClaim {
  /** in-toto predicate type, exactly. */
  readonly predicateType: string;
  /** JSON Pointers (RFC 6901) into the predicate: a name, or a list of names. */
  readonly at: readonly string[];
}

/** `any-one`: one of the groups is enough; `in-order`: each after the one before it. */
export const APPROVAL_ORDERS = ['any-order', 'in-order', 'any-one'] as const;
export type ApprovalOrder = (typeof APPROVAL_ORDERS)[number];

/** Durations are milliseconds throughout. What is optional here came later, and means what was before when it is absent. */
export interface ApprovalRule extends GroupRule {
  /** How long the question stays open; then the release is refused. */
  readonly deadlineMs: number;
  /** Groups that are asked beside the first one. */
  readonly further?: readonly GroupRule[];
  /** Undefined: `any-order`. */
  readonly order?: ApprovalOrder;
  /** How long a yes counts while others are waited for; undefined: as long as the question is open. */
  readonly goodForMs?: number;
  readonly remindEveryMs?: number;
  /** Who may answer for every group as well, once nobody has decided for that long. */
  readonly widen?: { readonly afterMs: number; readonly to: readonly string[] };
  /** `defer`: the question stays open for the same time again. Undefined: `reject`. */
  readonly atDeadline?: 'reject' | 'defer';
  /** What makes given answers worthless; another content always does. Undefined: `content`. */
  readonly voidOn?: readonly ('content' | 'baseline')[];
}

/** The groups of a rule, in their order. */
export function groupsOfRule({
  required,
  from,
  notRequester,
  notAuthor,
  further = [],
}: ApprovalRule): readonly GroupRule[] {
  return [{ required, from, notRequester, ...(notAuthor === undefined ? {} : { notAuthor }) }, ...further];
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
  /** How promotions of one service take turns; undefined: `queue`. */
  readonly turns?: TurnPolicy;
  /** What must be proven about an image; undefined: a signature by somebody of `trust.signatures`. */
  readonly proofs?: ProofRules;
  /** What it takes of manifests; undefined: every kind that lives in a namespace, and no image but the released one. */
  readonly manifests?: ManifestRules;
  /** Who may let a promotion pass a stop or a hold; undefined: nobody. */
  readonly overrides?: Readonly<Partial<Record<RestraintKind, OverrideRule>>>;
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

/** Who hears of which releases. Addresses, forms and secrets are no rules: they stay with the worker that sends. */
export interface ReceiverRule extends Interest {
  /** Undefined: all. */
  readonly services?: readonly string[];
}

/** The Kubernetes namespace of a service in an environment: its own name unless the rules say another. */
export function namespaceOf({ name, namespaces }: ServiceRules, environment: string): string {
  return namespaces[environment] ?? name;
}

/** What a guardian does about what it finds; each also does what stands before it. */
export const ON_DRIFT = ['alert', 'hold', 'rollback'] as const;
export type OnDrift = (typeof ON_DRIFT)[number];

export interface GuardianRule {
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  readonly onDrift: OnDrift;
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
  /** The rules themselves, canonical JSON whose digest that is: without secrets, which are only ever named. Undefined: nobody keeps them. */
  readonly policy?: string;
  readonly environments: Readonly<Record<string, EnvironmentRules>>;
  readonly services: Readonly<Record<string, ServiceRules>>;
  readonly timing: Timing;
  /** Undefined: nothing says who made an image. */
  readonly authors?: readonly AuthorClaim[];
  /** Environments that keep the evidence of what ends there in their own registries. Undefined: those that sign records. */
  readonly keepsEvidence?: readonly string[];
  /** Undefined: nobody is told anything. */
  readonly receivers?: readonly ReceiverRule[];
  /** Who looks after what runs there, by environment: decides nothing about a promotion. Undefined, and for those left out: nobody. */
  readonly guardians?: Readonly<Record<string, GuardianRule>>;
}
