/** What a pipeline is told of a release or a roll-back: one shape for variables and summary, whichever of them was followed. Pure. */
import type { ReleaseView, RollbackView, StartedRelease } from '../../client/index.ts';
import type { Attention, Outcome, PromotionStatus, ReleaseLeg, Waiting } from '../../contract/status.ts';
import { releaseId, rollbackId } from '../../contract/workflow-ids.ts';
import { waitingOf } from '../follow.ts';

export interface Journey {
  /** "iam 2026.11.3". */
  readonly title: string;
  readonly workflowId: string;
  readonly service: string;
  /** Undefined: of a roll-back that has not found where to go yet. */
  readonly version?: string;
  readonly digest?: string;
  /** `iam@sha256:…`. */
  readonly image?: string;
  readonly manifests?: string;
  readonly requestedBy?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly outcome?: Outcome;
  readonly waiting?: Waiting;
  readonly attention?: Attention;
  readonly legs: readonly JourneyLeg[];
  /** The last environment in which it has arrived. */
  readonly environment?: string;
  /** What shows where it stands by then. */
  readonly look: string;
}

export interface JourneyLeg {
  readonly environment: string;
  readonly state: ReleaseLeg['state'];
  readonly outcome?: Outcome;
  /** Undefined: it has not begun, or could not be looked at. */
  readonly promotion?: PromotionStatus;
}

/** Of a release that was started and is not looked at any further. */
export function journeyBegun(
  { service, version, workflowId }: Pick<StartedRelease, 'service' | 'version' | 'workflowId'>,
  content: Pick<Journey, 'digest' | 'image' | 'manifests'> = {},
): Journey {
  const title = `${service} ${version}`;
  return { title, workflowId, service, version, ...content, legs: [], look: `sluice status ${title}` };
}

export function journeyOf(view: ReleaseView): Journey {
  const { service, version, image, manifests, requestedBy, startedAt, endedAt, outcome, legs } = view.release;
  const waiting = waitingOf(view);
  const attention = outcome === undefined ? view.promotions.findLast((one) => one.attention)?.attention : undefined;
  const arrived = legs.findLast((leg) => leg.outcome?.kind === 'released')?.environment;
  return {
    ...journeyBegun({ service, version, workflowId: releaseId(service, version) }, { manifests }),
    ...(image === undefined ? {} : { digest: image.digest, image: `${image.repository}@${image.digest}` }),
    ...{ requestedBy, startedAt },
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(attention === undefined ? {} : { attention }),
    ...(arrived === undefined ? {} : { environment: arrived }),
    legs: legs.map((leg) => legOf(leg, view.promotions)),
  };
}

function legOf({ environment, state, outcome }: ReleaseLeg, promotions: readonly PromotionStatus[]): JourneyLeg {
  const promotion = promotions.find((one) => one.environment === environment);
  return {
    ...{ environment, state },
    ...(outcome === undefined ? {} : { outcome }),
    ...(promotion === undefined ? {} : { promotion }),
  };
}

/** Of a roll-back of which nothing more is known than that it was asked for. */
export function rollbackBegun(service: string, environment: string): Journey {
  return {
    title: `roll-back of ${service} in ${environment}`,
    workflowId: rollbackId(service, environment),
    service,
    legs: [],
    look: `sluice environment ${environment}`,
  };
}

export function journeyOfRollback(view: RollbackView): Journey {
  const { service, environment, to, requestedBy, outcome, endedAt, standing } = view;
  const { waiting, attention, image } = standing ?? {};
  return {
    ...rollbackBegun(service, environment),
    ...(to === undefined ? {} : { version: to }),
    ...(image === undefined ? {} : { digest: image.digest, image: `${image.repository}@${image.digest}` }),
    requestedBy,
    ...(standing === undefined ? {} : { startedAt: standing.startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(waiting === undefined || outcome !== undefined ? {} : { waiting }),
    ...(attention === undefined || outcome !== undefined ? {} : { attention }),
    ...(outcome?.kind === 'released' ? { environment } : {}),
    legs: [
      {
        environment,
        state: outcome === undefined ? 'running' : 'finished',
        ...(outcome === undefined ? {} : { outcome }),
        ...(standing === undefined ? {} : { promotion: standing }),
      },
    ],
  };
}
