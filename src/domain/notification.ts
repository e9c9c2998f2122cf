/**
 * What Sluice tells others of releases, roll-backs, stops and holds: one CloudEvent (1.0, structured JSON) for each change of their state. It
 * says what the `status` query says, shortened; it carries no credentials, and proves nothing.
 */
import type { ErrorCode } from './error-code.ts';
import { OUTCOMES, type OutcomeKind } from './outcome.ts';
import type { FindingAbout } from './finding.ts';
import type { OnDrift } from './rulebook.ts';
import type { Restraint } from './restraint.ts';
import type { Wait } from './waiting.ts';

/** Every change that is told; what receivers write under `on`. Add, never rename. */
export const EVENTS = [
  'started',
  'waiting',
  'reminded',
  'answered',
  'approved',
  'working',
  'paused',
  'stopped',
  'resumed',
  'attention',
  'undoing',
  'undo-stuck',
  'overridden',
  'restrained',
  'lifted',
  'lapsed',
  'drifted',
  'settled',
  ...OUTCOMES,
] as const;
export type EventName = (typeof EVENTS)[number];

/** A release's own changes, those of one of its promotions, of a roll-back, of the stops and holds of an environment; `test` is about nothing. */
export type EventAbout = 'release' | 'promotion' | 'rollback' | 'environment' | 'test';

/** Additive only; `schema/event-data.schema.json` says the same for programs. */
export interface EventData {
  readonly format: 1;
  readonly about: EventAbout;
  readonly event: EventName | 'test';
  /** Absent where an environment tells of a stop on every service. */
  readonly service?: string;
  /** Absent where none is meant: an environment, and a roll-back that found nothing to go back to. */
  readonly version?: string;
  /** Absent when the release itself is meant. */
  readonly environment?: string;
  readonly image?: { readonly repository: string; readonly digest: string };
  /** Who asked for it; of an environment, who said the word. */
  readonly requestedBy: string;
  /** As `status` says it; of an environment, `restrained` or `open`. */
  readonly phase: string;
  readonly step?: string;
  readonly planDigest?: string;
  readonly approvedBy?: readonly string[];
  /** What is not any more as the people who approved were shown it. */
  readonly changed?: string;
  readonly waiting?: Wait;
  readonly attention?: { readonly code: ErrorCode; readonly message: string; readonly remedy?: string };
  readonly outcome?: { readonly kind: OutcomeKind; readonly reason: string; readonly code?: ErrorCode };
  /** The stop or hold that was set or moved (`restrained`), lifted, or that ended by itself (`lapsed`). */
  readonly restraint?: Restraint;
  /** Who lifted it. */
  readonly lifted?: { readonly by: string; readonly reason?: string };
  /** What is not any more as the promotion left it (`drifted`), and what is done about it. */
  readonly drift?: {
    /** ISO 8601. */
    readonly since: string;
    readonly findings: readonly {
      readonly about: FindingAbout;
      readonly what: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy?: string;
    }[];
    readonly reaction?: OnDrift;
    /** Why that is less than the rules ask for. */
    readonly because?: string;
  };
  /** Whose signed word lets the promotion pass which closed gates. */
  readonly overridden?: { readonly gates: readonly string[]; readonly by: string; readonly reason: string };
}

/** https://github.com/cloudevents/spec, version 1.0.2. */
export interface SluiceEvent {
  readonly specversion: '1.0';
  /** The same for every attempt and every receiver. Without dots: it is signed as `id.timestamp.body`. */
  readonly id: string;
  /** `urn:x-sluice:engine:<namespace of Temporal>`. */
  readonly source: string;
  /** `urn:x-sluice:event:<about>:<event>:v1`. */
  readonly type: string;
  /** The id of the workflow that it happened to. */
  readonly subject: string;
  /** ISO 8601; the workflow's clock. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: typeof DATA_SCHEMA;
  readonly data: EventData;
}

export const DATA_SCHEMA = 'urn:x-sluice:schema:event-data:v1';

const EVENT_ID = /^[A-Za-z0-9_-]{1,200}$/;

export function isEventId(text: unknown): text is string {
  return typeof text === 'string' && EVENT_ID.test(text);
}

export interface Happening {
  readonly id: string;
  /** Namespace of Temporal. */
  readonly namespace: string;
  /** Id of the workflow. */
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  readonly data: EventData;
}

export function sluiceEvent({ id, namespace, subject, time, data }: Happening): SluiceEvent {
  return {
    specversion: '1.0',
    id,
    source: `urn:x-sluice:engine:${encodeURIComponent(namespace)}`,
    type: `urn:x-sluice:event:${data.about}:${data.event}:v1`,
    subject,
    time,
    datacontenttype: 'application/json',
    dataschema: DATA_SCHEMA,
    data,
  };
}

/** What one receiver wants to hear; travels with the release. What is absent limits nothing. */
export interface Interest {
  readonly receiver: string;
  readonly environments?: readonly string[];
  readonly on?: readonly EventName[];
}

/**
 * Names of the receivers that hear of it. Whoever wants certain environments does not hear of the release itself. Asked in replayed
 * code: what it answers must never change.
 */
export function listeners(
  interests: readonly Interest[],
  event: EventName,
  environment: string | undefined,
): readonly string[] {
  return interests
    .filter(({ on }) => on?.includes(event) ?? true)
    .filter(({ environments }) => environments === undefined || environments.includes(environment ?? ''))
    .map(({ receiver }) => receiver);
}
