/** Waits as they end: what a run waits for is the search attribute that it sets for people, looked at after each of its tasks. */
import { workflowInfo, type WorkflowInternalsInterceptor } from '@temporalio/workflow';
import type { Observation } from '../../src/contract/observation.ts';
import { WAITING_FOR } from '../../src/contract/search-attributes.ts';
import { WAIT_KINDS, type WaitKind } from '../../src/domain/waiting.ts';
import type { Place } from './place.ts';

interface Waits {
  readonly interceptor: WorkflowInternalsInterceptor;
  /** The run is over: it waits for nothing any more. */
  readonly end: () => void;
}

export function observeWaits(placed: () => Place | undefined, tell: (observation: Observation) => void): Waits {
  let now: { readonly wait: WaitKind; readonly startedMs: number } | undefined;
  let number = 0;
  let isOver = false;

  function change(wait: WaitKind | undefined): void {
    if (now?.wait === wait) return;
    if (now !== undefined) ended(now);
    now = wait === undefined ? undefined : { wait, startedMs: Date.now() };
  }
  function ended({ wait, startedMs }: { readonly wait: WaitKind; readonly startedMs: number }): void {
    const place = placed();
    number += 1;
    if (place === undefined) return;
    const { trace, service, version, environment } = place;
    tell({
      what: 'wait',
      ...{ wait, startedMs, endedMs: Date.now() },
      ...{ trace, parent: place.span, span: `${place.span} wait ${number}` },
      service,
      ...(version === undefined ? {} : { version }),
      ...(environment === undefined ? {} : { environment }),
    });
  }
  return {
    interceptor: {
      concludeActivation(input, next) {
        const output = next(input);
        if (!isOver) change(waitedFor());
        return output;
      },
    },
    end: () => {
      isOver = true;
      change(undefined);
    },
  };
}

function waitedFor(): WaitKind | undefined {
  const value = workflowInfo().typedSearchAttributes.get(WAITING_FOR);
  return WAIT_KINDS.find((kind) => kind === value);
}
