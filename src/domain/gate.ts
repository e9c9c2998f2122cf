/**
 * Gates: rules that must say yes before a promotion may enter its environment. A rule is what `sluice.yaml` says, normalised;
 * facts are gathered in the environment's own zone; verdicts come from `src/policy/gates` and stand in the plan's history.
 */
import type { Refusal } from './error-code.ts';
import type { Restraint, RestraintKind } from './restraint.ts';

/** How long a release waits for the gates of one environment in all; whoever looks ahead has to know it too. */
export const GATES_FOR_MS = 30 * 86_400_000;

/** How long somebody may pass a "no" where the environment asks nobody; else as long as the question to people is open. */
export const REFUSED_FOR_MS = 86_400_000;

export type Weekday = 'Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun';

/** People who may pass a closed gate, with a reason that is kept. */
export interface OverrideRule {
  /** Names of approver groups. */
  readonly from: readonly string[];
}

interface Named {
  /** Unique in its environment; how people and commands call the gate. */
  readonly name: string;
  /** Undefined: nobody may override this gate. */
  readonly override?: OverrideRule;
}

/** The same image has been healthy in another environment for that long. */
export interface SoakGate extends Named {
  readonly kind: 'soak';
  readonly in: string;
  readonly forMs: number;
}

/** A time in which nothing enters. `from`–`to` recurs on each of `days`, until the next day when `to` is not later than `from`; `start`–`end` is dated; `calendar` holds iCalendar events. */
export type FreezeWindow =
  | {
      readonly form: 'weekly';
      readonly zone: string;
      readonly days: readonly Weekday[];
      readonly from: string;
      readonly to: string;
    }
  /** ISO 8601 with an offset, or local times of `zone`. */
  | { readonly form: 'dated'; readonly zone: string; readonly start: string; readonly end: string }
  /** RFC 5545, read when the configuration is read; `zone` is that of all-day events and of times without a zone. */
  | { readonly form: 'calendar'; readonly file: string; readonly ics: string; readonly zone?: string };

export interface FreezeGate extends Named {
  readonly kind: 'freeze';
  readonly windows: readonly FreezeWindow[];
  /** Services that it concerns; undefined: all. */
  readonly services?: readonly string[];
}

/** The opposite of a freeze: it opens only within these hours. */
export interface HoursGate extends Named {
  readonly kind: 'hours';
  readonly zone: string;
  readonly days: readonly Weekday[];
  /** `HH:MM`, local time of `zone`. */
  readonly from: string;
  readonly to: string;
}

/** Never an older version over a newer one, unless the release asked for it. */
export interface OrderGate extends Named {
  readonly kind: 'order';
}

/** The release names a ticket that matches. */
export interface TicketGate extends Named {
  readonly kind: 'ticket';
  /** Anchored regular expression, as written. */
  readonly pattern: string;
}

/** CEL over the facts; must be true. */
export interface ExpressionGate extends Named {
  readonly kind: 'expression';
  readonly expression: string;
  /** What people read when it is false. */
  readonly because: string;
}

/** Built in: no promotion enters while somebody has stopped it, or holds it. */
export interface RestraintGate extends Named {
  readonly kind: RestraintKind;
}

/** Somebody outside is asked and decides. Who that is, is part of the rule; the secret that signs the question is not. */
export interface ExternalGate extends Named {
  readonly kind: 'external';
  readonly url: string;
}

export type GateRule =
  RestraintGate | SoakGate | FreezeGate | HoursGate | OrderGate | TicketGate | ExpressionGate | ExternalGate;

/** What somebody outside said to one gate. "Could not find out" is neither yes nor no. */
export type ExternalAnswer =
  | {
      readonly gate: string;
      readonly answer: 'yes' | 'no' | 'wait';
      readonly reason: string;
      /** ISO 8601: not before this time again; with `wait`. */
      readonly until?: string;
    }
  | { readonly gate: string; readonly answer: 'unknown'; readonly reason: string };

/** What an environment runs and since when, as its own record says. */
export interface RunningVersion {
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  /** ISO 8601. */
  readonly since: string;
}

/** What an environment says itself, asked at that moment, of a version that is to have been healthy there. */
export interface Soaked {
  readonly environment: string;
  /** What runs there now; undefined: nothing is known to. */
  readonly running?: RunningVersion;
  /** ISO 8601: since when the version ran there; undefined: it never did, as far as the environment remembers. */
  readonly since?: string;
  /** ISO 8601: when something newer took its place, without a roll-back. */
  readonly followedAt?: string;
  /** ISO 8601: when a roll-back took it away. */
  readonly rolledBackAt?: string;
  /** Why it could not be asked; then nothing else is known. */
  readonly unknown?: string;
}

/** A verified override: somebody of the rule's group said so, for this plan, with a reason. */
export interface GateOverride {
  readonly gate: string;
  readonly by: string;
  readonly groups: readonly string[];
  readonly reason: string;
}

/** Everything that gates look at. Only data, gathered before the rules are asked. */
export interface GateFacts {
  /** ISO 8601; the clock of the zone. */
  readonly at: string;
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  readonly environment: string;
  readonly requestedBy: string;
  readonly ticket?: string;
  /** The release asked to go back to an older version. */
  readonly allowOlder: boolean;
  /** What the target environment and the environments before it run, as far as this zone can read. */
  readonly running: readonly RunningVersion[];
  /** What environments in which it is to have been healthy have said themselves. Undefined: none was asked, and `running` is all that is known. */
  readonly soaked?: readonly Soaked[];
  readonly overrides: readonly GateOverride[];
  /** Stops and holds that the environment remembers. */
  readonly restraints: readonly Restraint[];
  /** What was said outside, for each external gate that was asked. */
  readonly external?: readonly ExternalAnswer[];
}

/** One gate's answer. `wait` ends by itself at `until`, or when what it waits for happens (no `until`). */
export interface GateVerdict {
  readonly gate: string;
  readonly kind: GateRule['kind'];
  readonly answer: 'yes' | 'wait' | 'no';
  /** One sentence: what was looked at and what follows. */
  readonly reason: string;
  /** ISO 8601: when asking again may give another answer. */
  readonly until?: string;
  /** Who can end it sooner. */
  readonly for?: string;
  /** The stops or holds that close it. */
  readonly restraints?: readonly Restraint[];
  /** Groups whose members may pass it while it is closed. */
  readonly override?: readonly string[];
  /** Present when the gate itself said `wait` or `no` and somebody passed it. */
  readonly overriddenBy?: { readonly by: string; readonly reason: string };
  /** Present with `no`. */
  readonly refusal?: Refusal;
}
