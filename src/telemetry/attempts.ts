/** Attempts of activities, in the worker that makes them: how long, and with which code they failed. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { type ErrorCode, isErrorCode } from '../domain/error-code.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import type { Instruments } from './instruments.ts';

export function observeAttempts({ record }: Instruments): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const activity = info.activityType;
        const environment = environmentOf(info.taskQueue);
        const began = performance.now();
        const end = (code: ErrorCode | 'none'): void => {
          record('attempts', 1, { activity, environment, code });
          record('attemptDuration', (performance.now() - began) / 1_000, { activity, environment });
        };
        try {
          const answer = await next(input);
          end('none');
          return answer;
        } catch (error) {
          end(codeOf(error));
          throw error;
        }
      },
    },
  });
}

/** The engine's own activities are of no environment. */
function environmentOf(queue: string): string {
  return queue.startsWith(`${ENGINE_QUEUE}-`) ? queue.slice(ENGINE_QUEUE.length + 1) : 'none';
}

/** A guardian that has nothing new to say fails to be asked again, which is no failure. */
function codeOf(error: unknown): ErrorCode | 'none' {
  const { type, name } = (error ?? {}) as { readonly type?: unknown; readonly name?: string };
  if (isErrorCode(type)) return type;
  return type === 'look-again' || name === 'CancelledFailure' || name === 'AbortError' ? 'none' : 'internal';
}
