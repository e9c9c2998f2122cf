/**
 * Workflow `guardian`: keeps looking, after a promotion that ended well, whether everything is still as it left it. Id
 * `guardian/<environment>/<service>`, one for each service that runs in an environment with a guardian. Additive only.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Finding } from '../domain/finding.ts';
import type { OnDrift } from '../domain/rulebook.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { ENVIRONMENT, SERVICE } from './search-attributes.ts';
import { ENGINE_QUEUE } from './task-queues.ts';
import { guardianId } from './workflow-ids.ts';

export const GUARDIAN = 'guardian';
/** What `SluiceOutcome` says of a guardian while something is not as it was left. */
export const DRIFTED = 'drifted';

export interface GuardianPlace {
  readonly environment: string;
  readonly service: string;
}

export interface GuardianInput extends GuardianPlace {
  /** What the run before this one knew; undefined: this is the first one. */
  readonly state?: GuardianState;
  /** What it was about to do; undefined: to look after a round, or, of the first run, at once. */
  readonly next?: GuardianNext;
  /** Events after which it begins a new run, at least 50; undefined: some hundreds. */
  readonly runLength?: number;
}

export interface GuardianNext {
  readonly first: LookRequest['first'];
  /** It was called while a promotion was under way, and looks once that has ended. */
  readonly isOwed?: boolean;
  readonly suspected?: Suspected;
}

/** How whoever speaks first starts it; started twice it is the same one. */
export function guardianStart({ environment, service }: GuardianPlace) {
  return {
    workflowId: guardianId(environment, service),
    taskQueue: ENGINE_QUEUE,
    args: [{ environment, service }] as [GuardianInput],
    staticSummary: `looks after ${service} in ${environment}`,
    typedSearchAttributes: [
      { key: SERVICE, value: service },
      { key: ENVIRONMENT, value: environment },
    ],
  };
}

/** What is looked after. Told by whoever ends well; what counts is what the environment itself remembers. */
export interface Guarded {
  readonly version: string;
  readonly digest: string;
  /** ISO 8601. */
  readonly since: string;
  /** The promotion that brought it. */
  readonly workflowId: string;
  readonly requestedBy: string;
}

/** What it has done about what it found last. */
export interface Reaction {
  readonly kind: OnDrift;
  /** ISO 8601. */
  readonly at: string;
  /** Of a roll-back that has ended: how. Undefined: it goes on, or there is none. */
  readonly outcome?: OutcomeKind;
  /** Why it is less than the rules ask for. */
  readonly because?: string;
}

export interface GuardianState {
  readonly format: 1;
  /** Undefined: nobody has told it, and it has not looked yet. */
  readonly guarded?: Guarded;
  /** What is not as it was left; confirmed by a second look, and told. */
  readonly findings: readonly Finding[];
  readonly reaction?: Reaction;
  /** ISO 8601: the last look that it heard of. Those that find nothing new stay with the server ({@link LookAgain}). */
  readonly lookedAt?: string;
}

export interface GuardianStatus extends GuardianState, GuardianPlace {
  readonly kind: 'guardian';
}

/** In the memo of each guardian: the list of them is read without asking any. As short as a list wants it. */
export interface GuardianMemo {
  readonly guardian: GuardianState;
}

/** What a look that found nothing new leaves with the server until the next one: details of its failure, first element. */
export interface LookAgain {
  /** ISO 8601; undefined: it has not looked, since a promotion is under way, or its moment had not come. */
  readonly lookedAt?: string;
  readonly said: string;
}

export interface LookRequest extends GuardianPlace {
  readonly guarded?: Guarded;
  readonly known: readonly Finding[];
  /** When the first look is due. `part`: at a moment of its own within a round, so that a thousand do not look at the same second. */
  readonly first: 'now' | 'soon' | 'part' | 'round';
  /** Somebody asks: says what it sees, whether it is new or not. */
  readonly answer?: true;
  /** What an earlier look has seen and nobody has heard of yet. */
  readonly suspected?: Suspected;
}

/** Believed once it has lasted. */
export interface Suspected {
  /** What was seen, as one word (`findingsKey`). */
  readonly key: string;
  /** ISO 8601. */
  readonly since: string;
}

export type LookAnswer =
  | {
      readonly kind: 'seen';
      /** ISO 8601. */
      readonly at: string;
      readonly guarded: Guarded;
      readonly repository: string;
      readonly findings: readonly Finding[];
      /** Seen twice, and so believed. */
      readonly confirmed: boolean;
      /** What the environment's rules want done about them. */
      readonly wanted: OnDrift;
      /** Why that is less than `onDrift` says. */
      readonly because?: string;
    }
  /** A promotion is under way: what is seen now says nothing. */
  | { readonly kind: 'away'; readonly at: string; readonly said: string }
  /** There is nothing to look after any more. */
  | { readonly kind: 'over'; readonly said: string };

export interface CheckCommand {
  readonly by: string;
}

export interface CheckAnswer {
  /** What it has just seen, in a sentence. */
  readonly message: string;
  readonly status: GuardianStatus;
  /** As it was seen, whether it is believed yet or not. */
  readonly seen: readonly Finding[];
}

/** A promotion has ended well there: from now on this is right. */
export const guardSignal = defineSignal<[Guarded]>('guard');
/** Something was changed where it looks: it looks now, and answers nobody. Many that come while it looks are one look more. */
export const lookSignal = defineSignal<[]>('look');
/** Looks now. */
export const checkUpdate = defineUpdate<CheckAnswer, [CheckCommand]>('check');
export const guardianQuery = defineQuery<GuardianStatus>('status');
