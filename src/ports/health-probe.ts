/** Asking a service whether it is well: one request, no redirects, a fresh connection. */

export type HealthAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'no-answer'; readonly why: string };

export interface HealthProbe {
  /** The body is cut at 2 KiB. Never throws for what the other side does. */
  ask(url: string, timeoutMs: number, signal: AbortSignal): Promise<HealthAnswer>;
}
