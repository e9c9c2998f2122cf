/** Asking the service itself, through its load balancer or the configured address. */
import type { RollOutRequest, StepAnswer } from '../src/contract/activities.ts';
import type { PromotionPlan } from '../src/contract/plan.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { HealthRule } from '../src/domain/rulebook.ts';
import { judgeHealth } from '../src/policy/health-policy.ts';
import type { HealthAnswer } from '../src/ports/health-probe.ts';
import { no, yes, type Zone } from './zone.ts';

/** Not a number of attempts: after a good answer that does not suffice yet, the next one need not wait long. */
const AFTER_A_GOOD_ONE_MS = 1_000;

export async function checkHealth(
  zone: Zone,
  request: RollOutRequest,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const { plan } = request;
  if (plan.health === undefined) return yes('no health address is configured');
  if (request.to === 'previous' && request.baseline.current === undefined)
    return yes('nothing ran here before: nobody to ask');
  const asked = await untilJudged(zone, plan, plan.health, onProgress, signal);
  if (asked.refusal !== undefined) return no(asked.refusal);
  return yes(`${asked.url} is well`, { url: asked.url, answers: asked.answers.map(inWords).join(', ') });
}

interface Asked {
  readonly url: string;
  /** Oldest first, at least one. */
  readonly answers: readonly HealthAnswer[];
  /** Undefined: it is well. */
  readonly refusal?: Refusal;
}

/** Asks as often as the rule wants, which need not be the plan's own. */
export async function untilJudged(
  zone: Zone,
  { namespace, environment }: PromotionPlan,
  rule: HealthRule,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<Asked> {
  const answers: HealthAnswer[] = [];
  for (;;) {
    const { url, answer } = await ask(zone, namespace, environment, rule, signal);
    answers.push(answer);
    const verdict = judgeHealth(rule, url, answers);
    if (verdict.kind === 'well') return { url, answers };
    if (verdict.kind === 'unwell') return { url, answers, refusal: verdict.refusal };
    onProgress(`${answers.length} of ${rule.attempts}: ${inWords(answer)}`);
    await pause(
      answer.kind === 'answered' && answer.status < 300 ? Math.min(AFTER_A_GOOD_ONE_MS, rule.everyMs) : rule.everyMs,
      signal,
    );
  }
}

export async function ask(
  zone: Zone,
  namespace: string,
  environment: string,
  rule: HealthRule,
  signal: AbortSignal,
): Promise<{ url: string; answer: HealthAnswer }> {
  const configured = rule.urls[environment];
  const host = configured === undefined ? await zone.ports.cluster.serviceAddress(namespace, rule.service) : undefined;
  const url =
    configured ??
    `http://${host === undefined ? `${rule.service}.${namespace}` : bracketed(host)}:${rule.port}${rule.path}`;
  if (configured === undefined && host === undefined) {
    return {
      url,
      answer: { kind: 'no-answer', why: `service/${rule.service} in ${namespace} has no load balancer address` },
    };
  }
  return { url, answer: await zone.ports.health.ask(url, rule.timeoutMs, signal) };
}

export function inWords(answer: HealthAnswer): string {
  return answer.kind === 'answered' ? String(answer.status) : answer.why;
}

/** IPv6 addresses need brackets in a URL. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
