/**
 * What the worker's interceptors tell of the workflows that they watch, each time something has ended. It leaves the workflow's isolate as
 * plain data and enters no history: nothing that runs depends on it, and it may change.
 */
import type { ErrorCode } from '../domain/error-code.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { WaitKind } from '../domain/waiting.ts';
import type { TracedStep } from '../domain/traced-step.ts';

/** Whatever takes time. */
interface Timed {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Where it stands in its trace; the ids are made of these texts, so that who tells it again tells the same. */
interface Placed {
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
}

/** Of which release or roll-back; a roll-back knows its version late, or never. */
interface Concerning {
  readonly service: string;
  readonly version?: string;
  readonly environment?: string;
}

export type Journey = 'release' | 'rollback' | 'rehearsal';

/** A release, a roll-back, or a promotion of one of them. */
export interface RunEnded extends Timed, Placed, Concerning {
  readonly what: 'release' | 'rollback' | 'promotion';
  readonly journey: Journey;
  readonly workflowId: string;
  readonly runId: string;
  readonly digest?: string;
  /** Undefined: the workflow itself has failed. */
  readonly outcome?: OutcomeKind;
  readonly code?: ErrorCode;
}

export interface StepEnded extends Timed, Placed, Concerning {
  readonly what: 'step';
  readonly step: TracedStep;
  /** It took something back. */
  readonly undo: boolean;
  readonly result: StepResult;
  readonly code?: ErrorCode;
}

/** Done; answered no; came to no answer; was taken back before it had one. */
export const STEP_RESULTS = ['done', 'refused', 'failed', 'cancelled'] as const;
export type StepResult = (typeof STEP_RESULTS)[number];

export interface WaitEnded extends Timed, Placed, Concerning {
  readonly what: 'wait';
  readonly wait: WaitKind;
}

export interface DeliveryEnded {
  readonly what: 'delivery';
  /** No span is made of it; like those of the others, it tells one from another. */
  readonly span: string;
  readonly receiver: string;
  readonly delivered: boolean;
}

export type Observation = RunEnded | StepEnded | WaitEnded | DeliveryEnded;

/** How they leave the isolate; a type, since the SDK wants one that has an index. */
export type ObservationSinks = {
  readonly sluice: { readonly observed: (observation: Observation) => void };
};
