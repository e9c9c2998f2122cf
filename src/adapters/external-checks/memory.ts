/** Checks that answer from a script, by the name of the gate; a gate without a script is unknown. */
import type { ExternalAnswer, GateFacts } from '../../domain/gate.ts';
import type { ExternalChecks } from '../../ports/external-checks.ts';

type Said = ExternalAnswer extends infer Answer
  ? Answer extends ExternalAnswer
    ? Omit<Answer, 'gate'>
    : never
  : never;

export type MemoryCheckAnswers = Readonly<Record<string, (facts: GateFacts) => Said>>;

export interface MemoryChecks {
  readonly checks: ExternalChecks;
  /** Gates in the order in which they were asked, with the facts. */
  readonly asked: readonly { readonly gate: string; readonly facts: GateFacts }[];
}

export function createMemoryChecks(answers: MemoryCheckAnswers): MemoryChecks {
  const asked: { readonly gate: string; readonly facts: GateFacts }[] = [];
  const checks: ExternalChecks = {
    async ask(gate, facts) {
      asked.push({ gate, facts });
      const answer = answers[gate];
      if (answer === undefined) return { gate, answer: 'unknown', reason: 'nobody is there' };
      return { gate, ...answer(facts) };
    },
  };
  return { checks, asked };
}
