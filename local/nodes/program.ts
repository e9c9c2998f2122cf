/** One run of a container's program: what it answers, and what it has said. */
import type { Behaviour, Response } from './behaviour.ts';
import type { ContainerLog } from './container-log.ts';

type Answered = { readonly kind: 'response' } & Response;
export type Answer = { readonly kind: 'refused' } | Answered;

const NOT_FOUND: Answered = { kind: 'response', status: 404, body: { error: 'not found' }, headers: {}, afterMs: 0 };
const REFUSED: Answer = { kind: 'refused' };

export interface Program {
  readonly behaviour: Behaviour;
  /** The answer to a GET of `path` on a port of the container; `refused` while nothing listens there. */
  answer(port: number, path: string): Answer;
}

/** Starts the program now. It listens once `start.afterMs` have passed, and never when it is one that crashes first. */
export function startProgram(behaviour: Behaviour, log: ContainerLog): Program {
  const listensAt = behaviour.fail === 'crash-loop' ? Infinity : performance.now() + behaviour.start.afterMs;
  for (const line of behaviour.log) log.say(line);
  return {
    behaviour,
    answer(port, path) {
      if (port !== behaviour.listen || performance.now() < listensAt) return REFUSED;
      const response = behaviour.responses[path.split('?', 1)[0] as string];
      const answer: Answered = response === undefined ? NOT_FOUND : { kind: 'response', ...response };
      log.say(`GET ${path} ${answer.status}`);
      return answer;
    },
  };
}

/** The bytes and content type of an answer's body. */
export function bodyOf(answer: Pick<Response, 'body'>): { readonly text: string; readonly type: string } {
  return typeof answer.body === 'string'
    ? { text: answer.body, type: 'text/plain; charset=utf-8' }
    : { text: JSON.stringify(answer.body), type: 'application/json' };
}
