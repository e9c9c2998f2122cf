/** What a sign-in has led to so far. Kept in memory: a restart forgets it, and the client begins again. */
import type { ClientRegistration, UserDefinition } from './directory.ts';

export interface SignInRequest {
  readonly client: ClientRegistration;
  readonly scopes: readonly string[];
  /** Repeated in the id token, so that its receiver knows it for the answer to its own question. */
  readonly nonce: string | undefined;
}

export interface Grant extends SignInRequest {
  readonly user: UserDefinition;
}

export interface SignInSettings {
  /** Seconds. */
  readonly idTokenSeconds: number;
  readonly deviceCodeSeconds: number;
  readonly authorizationCodeSeconds: number;
  /** Least seconds between two polls with a device code. */
  readonly pollSeconds: number;
  /** As Entra, leave the groups out of the token when there are more than 200. */
  readonly groupOverage: boolean;
  /** Milliseconds. */
  readonly now: () => number;
}

/** An hour, a quarter of an hour, ten minutes, five seconds: as Entra. */
export const DEFAULT_SIGN_IN: SignInSettings = {
  idTokenSeconds: 3600,
  deviceCodeSeconds: 900,
  authorizationCodeSeconds: 600,
  pollSeconds: 5,
  groupOverage: false,
  now: Date.now,
};

/** How long an expired code is remembered, so that its client hears that it has expired, not that it never was. */
export const REMEMBERED_MS = 3_600_000;

export function forgetExpired<T extends { readonly expiresAt: number }>(codes: Map<string, T>, now: number): void {
  for (const [key, { expiresAt }] of codes) if (expiresAt + REMEMBERED_MS < now) codes.delete(key);
}
