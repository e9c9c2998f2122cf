/**
 * When the gates of an environment let something in. They are asked again at the moments at which they say that another answer is
 * possible, which are the moments at which a promotion asks them: what is found here is what would happen.
 */
import type { Refusal } from '../../domain/error-code.ts';
import type { ExternalAnswer, GateFacts, GateRule } from '../../domain/gate.ts';
import { admits } from './admits.ts';
import { judgeGates } from './judge-gates.ts';
import { DAY, toIso } from './zoned-time.ts';

/** Rules that do not open within so long do not open: every freeze and every week is over by then. */
export const HORIZON_MS = 366 * DAY;

/** More often than gates of any use close within a year; what closes more often is not looked through to its end. */
const MOST_LOOKS = 1_000;

/** What kept it out from one look to the next. */
export interface Hold {
  readonly gates: readonly string[];
  readonly reason: string;
  /** ISO 8601. */
  readonly from: string;
  /** ISO 8601; absent: it does not end by itself. */
  readonly until?: string;
}

/**
 * `open` at that time, perhaps now; `refused` at that time by a gate that says no; `event`: something has to happen first, which no
 * clock brings; `never`: no look up to that time found them open. `assumed`: external gates that are taken to say yes, because nobody
 * outside can be asked about a time to come.
 */
export type Opening = { readonly holds: readonly Hold[]; readonly at: string; readonly assumed?: readonly string[] } & (
  { readonly answer: 'open' | 'event' | 'never' } | { readonly answer: 'refused'; readonly refusal: Refusal }
);

/** From `facts.at` on, everything else in the facts staying as it is. Throws a RangeError when `facts.at` is no time. */
export function firstOpening(rules: readonly GateRule[], facts: GateFacts): Opening {
  const external = rules.filter((rule) => rule.kind === 'external').map((rule) => assumedAnswer(rule.name, facts));
  if (external.length === 0) return opening(rules, facts);
  const assumed = external.filter((one) => one.answer === 'yes').map((one) => one.gate);
  const hold = askedAgain(rules, facts);
  const found = opening(rules, { ...facts, external, at: hold?.until ?? facts.at });
  const holds = hold === undefined ? found.holds : [hold, ...found.holds];
  return { ...found, holds, ...(assumed.length === 0 ? {} : { assumed }) };
}

/** Whoever was asked outside and has not said yes is asked again then: nothing enters sooner. */
function askedAgain(rules: readonly GateRule[], facts: GateFacts): (Hold & { readonly until: string }) | undefined {
  const asked = rules.filter(({ name }) => facts.external?.some((one) => one.gate === name && one.answer !== 'no'));
  const admission = admits(judgeGates(asked, facts));
  if (admission.answer !== 'wait' || admission.until === undefined) return undefined;
  const { gates, reason, until } = admission;
  return { gates, reason, from: facts.at, until };
}

/** A no that was said stays one. */
function assumedAnswer(gate: string, { external = [] }: GateFacts): ExternalAnswer {
  const no = external.find((one) => one.gate === gate && one.answer === 'no');
  return no ?? { gate, answer: 'yes', reason: 'taken to say yes' };
}

function opening(rules: readonly GateRule[], facts: GateFacts): Opening {
  const begun = Date.parse(facts.at);
  const holds: Hold[] = [];
  let at = facts.at;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const admission = admits(judgeGates(rules, { ...facts, at }));
    if (admission.answer === 'yes') return { answer: 'open', at, holds };
    if (admission.answer === 'no') return { answer: 'refused', at, holds, refusal: admission.refusal };
    const { gates, reason, until } = admission;
    const hold = { gates, reason, from: at };
    // a time that is over already would be asked about for ever
    if (until === undefined || Date.parse(until) <= Date.parse(at)) {
      return { answer: 'event', at, holds: [...holds, hold] };
    }
    holds.push({ ...hold, until });
    at = until;
    if (Date.parse(at) - begun > HORIZON_MS) break;
  }
  return { answer: 'never', at: toIso(Date.parse(at)), holds };
}
