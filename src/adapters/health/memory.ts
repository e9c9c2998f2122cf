/** A health probe that answers from a script. */
import type { HealthAnswer, HealthProbe } from '../../ports/health-probe.ts';

/** What to answer: by address, or one after the other (the last one for ever). */
export type HealthScript = ((url: string) => HealthAnswer) | readonly [HealthAnswer, ...HealthAnswer[]];

export interface MemoryHealth {
  readonly probe: HealthProbe;
  /** Addresses in the order in which they were asked. */
  readonly asked: readonly string[];
}

const BODY_LIMIT = 2048;
const WELL: HealthAnswer = { kind: 'answered', status: 200, body: 'ok' };

export function createMemoryHealth(script: HealthScript = [WELL]): MemoryHealth {
  const asked: string[] = [];
  const probe: HealthProbe = {
    async ask(url, _timeoutMs, signal) {
      signal.throwIfAborted();
      asked.push(url);
      if (typeof script === 'function') return cut(script(url));
      return cut(script[Math.min(asked.length, script.length) - 1] ?? WELL);
    },
  };
  return { probe, asked };
}

function cut(answer: HealthAnswer): HealthAnswer {
  return answer.kind === 'answered' ? { ...answer, body: answer.body.slice(0, BODY_LIMIT) } : answer;
}
