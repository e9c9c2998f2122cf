/** The filters of the list as they stand in an address, both ways. */
import { type PageRequest, ReleaseEngineError } from '../client/index.ts';
import { OUTCOMES, type OutcomeKind } from '../domain/outcome.ts';

/** A screen or two. */
const PAGE = 50;

/** Throws `input-invalid` for an outcome that there is not; the other values are checked by the client. */
export function requestOf(query: URLSearchParams): PageRequest {
  const [service, environment, waiting, after] = ['service', 'environment', 'waiting', 'after'].map((name) =>
    given(query, name),
  );
  const outcome = given(query, 'outcome');
  if (outcome !== undefined && !isOutcome(outcome)) {
    throw new ReleaseEngineError('input-invalid', `"${outcome}" is no outcome`, { expected: OUTCOMES.join(', ') });
  }
  return {
    limit: PAGE,
    ...(service === undefined ? {} : { service }),
    ...(environment === undefined ? {} : { environment }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(waiting === undefined ? {} : { waiting: waiting === 'any' ? true : waiting }),
    ...(after === undefined ? {} : { after }),
  };
}

/** `?service=iam&outcome=released`, or nothing. */
export function queryOf({ service, environment, outcome, waiting, after }: PageRequest): string {
  const query = new URLSearchParams();
  const waits = waiting === true ? 'any' : waiting;
  for (const [name, value] of Object.entries({ service, environment, outcome, waiting: waits, after })) {
    if (typeof value === 'string') query.set(name, value);
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** A form sends its empty fields too. */
function given(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)?.trim();
  return value === '' || value === undefined ? undefined : value;
}

function isOutcome(text: string): text is OutcomeKind {
  return (OUTCOMES as readonly string[]).includes(text);
}
