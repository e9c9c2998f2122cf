/** Lists in pages, with the `Link` header of the distribution specification: `n` items after the item named `last`. */
import type { Exchange } from './http/exchange.ts';
import { Refusal } from './http/refusal.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** `Link` when there is more. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The page that the query asks for. `last` need not exist any more in a list sorted by name. */
export function page<T>(
  exchange: Exchange,
  items: readonly T[],
  options: { keyOf: (item: T) => string; defaultSize: number; sortedByKey?: boolean },
): Page<T> {
  const { keyOf } = options;
  const size = readSize(exchange, options.defaultSize);
  const last = exchange.query.get('last');
  const rest = last === null ? items : items.slice(startAfter(items, last, options));
  const shown = rest.slice(0, size);
  const final = shown.at(-1);
  if (final === undefined || shown.length === rest.length) return { items: shown, headers: {} };
  const query = new URLSearchParams(exchange.query);
  query.set('last', keyOf(final));
  query.set('n', String(size));
  return { items: shown, headers: { link: `<${encodeURI(exchange.path)}?${query.toString()}>; rel="next"` } };
}

function startAfter<T>(
  items: readonly T[],
  last: string,
  { keyOf, sortedByKey = true }: { keyOf: (item: T) => string; sortedByKey?: boolean },
): number {
  if (sortedByKey) {
    const next = items.findIndex((item) => keyOf(item) > last);
    return next < 0 ? items.length : next;
  }
  return items.findIndex((item) => keyOf(item) === last) + 1;
}

function readSize(exchange: Exchange, defaultSize: number): number {
  const text = exchange.query.get('n');
  if (text === null) return defaultSize;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 0) return size;
  throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', `invalid number of results requested: ${text}`);
}
