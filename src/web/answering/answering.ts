/** How people answer with this server, if at all. It holds no right of its own: whatever it hands on carries the person's proof. */
import type { ReleaseClient } from '../../client/index.ts';
import { isLoopback } from '../hosts.ts';

/** As much of the client as handing on an answer needs. */
export type Forwarder = Pick<ReleaseClient, 'approve' | 'reject' | 'override'>;

/** Whether people are known by keys of their own, and whether a page of this server may read one. */
export type KeyUse = 'none' | 'offered' | 'elsewhere';

export type Answering =
  /** It only shows. */
  | { readonly kind: 'none' }
  /** The configuration takes names on trust: whoever reaches this server answers under any. */
  | { readonly kind: 'unproven' }
  | {
      readonly kind: 'proven';
      readonly keys: KeyUse;
      readonly identity?: IdentityDoor;
    };

/**
 * As a page at this address offers it. A key of one's own is for years: whoever can change what another machine serves could take it out of
 * the file, so it is asked for only where the server is the person's own machine. A sign-in is for an hour, and its key cannot be read.
 */
export function answeringAt(origin: string, answering: Answering): Answering {
  if (answering.kind !== 'proven' || answering.keys === 'none') return answering;
  const { hostname } = new URL(origin);
  return isLoopback(hostname.replace(/^\[|\]$/g, '')) ? answering : { ...answering, keys: 'elsewhere' };
}

/** The way to the identity provider. Rejects with a `ReleaseEngineError`: `login-failed`, `identity-…`. */
export interface IdentityDoor {
  readonly issuer: string;
  begin(redirectUri: string, thumbprint: string): Promise<Begun & { readonly url: string }>;
  finish(back: {
    readonly code: string;
    readonly verifier: string;
    readonly redirectUri: string;
    readonly thumbprint: string;
  }): Promise<Vouched>;
}

/** What the server keeps while the person is with the issuer. */
export interface Begun {
  readonly state: string;
  readonly verifier: string;
}

/** The issuer's word for whose key it is: worthless without that key, which never leaves the browser. */
export interface Vouched {
  readonly idToken: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}
