/** When a service counts as well: so many good answers in a row, within so many attempts. */
import type { Refusal } from '../domain/error-code.ts';
import type { HealthRule } from '../domain/rulebook.ts';
import type { HealthAnswer } from '../ports/health-probe.ts';

export type HealthVerdict =
  { readonly kind: 'ask-again' } | { readonly kind: 'well' } | { readonly kind: 'unwell'; readonly refusal: Refusal };

/** `answers` oldest first. A 4xx is a verdict at once: waiting does not change what the service means by it. */
export function judgeHealth(rule: HealthRule, url: string, answers: readonly HealthAnswer[]): HealthVerdict {
  const last = answers.at(-1);
  if (last === undefined) return { kind: 'ask-again' };
  if (trailingPasses(answers) >= rule.passes) return { kind: 'well' };
  if (last.kind === 'answered' && last.status >= 400 && last.status < 500) return unwell(url, last, answers.length);
  return answers.length >= rule.attempts ? unwell(url, last, answers.length) : { kind: 'ask-again' };
}

function trailingPasses(answers: readonly HealthAnswer[]): number {
  const lastBad = answers.findLastIndex((answer) => !isGood(answer));
  return answers.length - 1 - lastBad;
}

function isGood(answer: HealthAnswer): boolean {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

function unwell(url: string, last: HealthAnswer, attempts: number): HealthVerdict {
  return {
    kind: 'unwell',
    refusal: {
      code: 'health-failed',
      message: `${url} is not well after ${attempts} attempt${attempts === 1 ? '' : 's'}`,
      expected: 'an answer with status 200–299',
      got: last.kind === 'answered' ? `${last.status} ${last.body.slice(0, 200)}` : last.why,
      remedy: "read the service's own log; the previous version is put back",
    },
  };
}
