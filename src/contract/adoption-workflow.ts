/**
 * Workflow `adoption`: what stands in an environment that Sluice never brought there, looked at, and taken into management by a signed word.
 * Nothing that runs is touched. Id `adoption/<service>/<environment>`: one at a time. Additive only.
 */
import type { ApprovalStatement } from '../domain/approval.ts';
import type { ErrorCode, Refusal } from '../domain/error-code.ts';
import type { ManifestChanges } from '../domain/manifest-change.ts';
import type { ObjectRef } from '../domain/manifest-object.ts';
import type { WireImage } from './plan.ts';
import type { ReleaseMemo } from './release-workflow.ts';
import { ENVIRONMENT, SERVICE } from './search-attributes.ts';
import { ENGINE_QUEUE } from './task-queues.ts';
import { adoptionId } from './workflow-ids.ts';

export const ADOPTION = 'adoption';

export interface AdoptionRequest {
  readonly service: string;
  readonly environment: string;
  /** What it is to be called; undefined: as the tag that the workloads name, where that still means what runs. */
  readonly version?: string;
  /** Digest of the manifests, published beside the image that runs; undefined: they are not, and only what runs is looked at. */
  readonly manifests?: string;
}

/** Somebody's word for exactly what was found. */
export interface AdoptionWord {
  /** Digest of the {@link Adoption} that the person was shown. */
  readonly found: string;
  readonly statement: ApprovalStatement;
}

export interface AdoptionInput extends AdoptionRequest {
  readonly requestedBy: string;
  /** Undefined: it is only looked at. */
  readonly word?: AdoptionWord;
}

/** How whoever asks for it starts it. */
export function adoptionStart({ service, environment, requestedBy, word }: AdoptionInput) {
  return {
    workflowId: adoptionId(service, environment),
    taskQueue: ENGINE_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    memo: { requestedBy } satisfies Pick<ReleaseMemo, 'requestedBy'>,
    typedSearchAttributes: [
      { key: SERVICE, value: service },
      { key: ENVIRONMENT, value: environment },
    ],
    staticSummary:
      `${word === undefined ? 'what adopting' : 'adopt'} ${service} in ${environment}${word === undefined ? ' would mean' : ''} · for ${requestedBy}`.slice(
        0,
        200,
      ),
  };
}

/** What one workload runs. */
export interface AdoptedWorkload {
  /** `deployment/iam`. */
  readonly workload: string;
  /** The released image as its template names it now. */
  readonly image: string;
  /** Images of its other containers. */
  readonly others: readonly string[];
}

/** What would be written down. Its digest is SHA-256 over canonical JSON (RFC 8785), and what people sign. */
export interface Adoption {
  readonly format: 1;
  readonly kind: 'adoption';
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly namespace: string;
  readonly registry: string;
  readonly image: WireImage;
  readonly manifests: string;
  readonly workloads: readonly AdoptedWorkload[];
  readonly objects: readonly ObjectRef[];
  /** What the signatures and statements that this environment wants are not; empty: they are all there. */
  readonly unproven: readonly ErrorCode[];
  /** Objects of the manifests that a roll-back would change or add, as they stand now. */
  readonly differs: readonly string[];
  readonly policyVersion: string;
}

/** Part of a service that an adoption looks at. */
export type AdoptionPart =
  'service' | 'workloads' | 'image' | 'version' | 'manifests' | 'proofs' | 'differences' | 'locks' | 'management';

/** Something that is missing, or that whoever adopts it has to know. */
export interface AdoptionPoint {
  readonly part: AdoptionPart;
  /** It cannot be adopted like this. Otherwise it can, and a roll-back to it will meet just this. */
  readonly blocks: boolean;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
  /** What a roll-back to it would be refused with as things stand. */
  readonly code?: ErrorCode;
}

/** What could be found out of an adoption that is not whole. */
export interface Found {
  readonly service: string;
  readonly environment: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly image?: WireImage;
  readonly manifests?: string;
  readonly workloads: readonly AdoptedWorkload[];
  /** Who signed it, in words; undefined: the signatures do not suffice, or nobody could tell. */
  readonly signed?: string;
  /** What a roll-back to it would change in the cluster. Undefined before the manifests are published. */
  readonly changes?: ManifestChanges;
  /** What the environment remembers already, where Sluice has been there before. */
  readonly managed?: { readonly version: string; readonly digest: string; readonly since: string };
}

export interface AdoptionReport extends Found {
  /** Everything at once, what blocks first. */
  readonly points: readonly AdoptionPoint[];
  /** What would be written; undefined while something blocks it. */
  readonly adoption?: Adoption;
  /** Digest of it. */
  readonly found?: string;
}

/** What the zone answers to a word. */
export type AdoptAnswer =
  | {
      readonly ok: true;
      /** `already`: it is just what the environment remembers. */
      readonly how: 'adopted' | 'already';
      readonly adopted: Adopted;
      readonly report: AdoptionReport;
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly report?: AdoptionReport };

/** How a service came into management that was running before. */
export interface Adopted {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
  /** What vouches for the name; undefined: nothing does. */
  readonly proof?: 'key' | 'oidc';
  /** What was signed. */
  readonly found: string;
  /** As the workloads named it then; until a release has been here nothing else is expected of them. */
  readonly images: Readonly<Record<string, string>>;
  /** What this environment wants to be proven, and was not; undefined: all was. */
  readonly unproven?: readonly ErrorCode[];
}

export type AdoptionResult =
  | { readonly outcome: 'looked'; readonly report: AdoptionReport }
  | { readonly outcome: 'adopted' | 'already'; readonly adopted: Adopted; readonly report: AdoptionReport }
  | { readonly outcome: 'refused'; readonly refusal: Refusal; readonly report?: AdoptionReport };
