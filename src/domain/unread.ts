/** What a desk that was opened anew does not know yet: what its environment remembers, read by the environment's own workers. */
import type { ErrorCode } from './error-code.ts';

export interface Unread {
  readonly code: ErrorCode;
  /** Why not, in words. */
  readonly why: string;
  /** Services of which it is not known; undefined: every one. */
  readonly services?: readonly string[];
}

/** Undefined: what the environment remembers of the service is known. Without a service: whether anything at all is known. */
export function unreadOf(unread: Unread | undefined, service?: string): Unread | undefined {
  if (unread?.services === undefined) return unread;
  return service !== undefined && unread.services.includes(service) ? unread : undefined;
}

/** "staging has not read yet what it remembers of iam (stops, holds, who is inside): no right". */
export function unreadLine(environment: string, { services, why }: Unread): string {
  const what = services === undefined ? '' : ` of ${services.join(', ')}`;
  return `${environment} has not read yet what it remembers${what} (stops, holds, who is inside): ${why}`;
}
