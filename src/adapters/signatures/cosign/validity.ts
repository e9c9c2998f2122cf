/** The time in which a key or an identity counts. */
import { PortError } from '../../../ports/port-error.ts';

/** ISO 8601; what is undefined has no end. */
export interface Validity {
  readonly from?: string;
  /** From then on it does not count. */
  readonly until?: string;
}

/** Milliseconds since 1970, from the first to the last that counts. */
export interface Window {
  readonly first: number;
  readonly last: number;
}

const LAST_MOMENT = 8_640_000_000_000_000;

/** Undefined: always. Throws `config-invalid` for what is no time. */
export function windowOf({ from, until }: Validity): Window | undefined {
  if (from === undefined && until === undefined) return undefined;
  const first = from === undefined ? 0 : Date.parse(from);
  const last = until === undefined ? LAST_MOMENT : Date.parse(until) - 1;
  if (Number.isNaN(first) || Number.isNaN(last)) {
    throw new PortError('config-invalid', 'the time in which a signer counts is none', {
      retry: 'no',
      expected: 'ISO 8601, such as 2027-01-01T00:00:00Z',
      got: `from ${from ?? 'the beginning'} until ${until ?? 'the end'}`,
      remedy: 'correct it in sluice.yaml',
    });
  }
  return { first, last };
}

export function isInside(window: Window | undefined, at: Date): boolean {
  return window === undefined || (window.first <= at.getTime() && at.getTime() <= window.last);
}

/** The time that both allow. */
export function both(one: Window | undefined, other: Window | undefined): Window | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { first: Math.max(one.first, other.first), last: Math.min(one.last, other.last) };
}

export function windowInWords({ first, last }: Window): string {
  const from = first === 0 ? '' : ` from ${new Date(first).toISOString()}`;
  const until = last === LAST_MOMENT ? '' : ` until ${new Date(last + 1).toISOString()}`;
  return `counts only${from}${until}`;
}
