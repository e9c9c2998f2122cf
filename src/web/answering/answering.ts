/** How people answer with this server, if at all. It holds no right of its own: whatever it hands on carries the person's proof. */
import type { ReleaseClient } from '../../client/index.ts';

/** As much of the client as handing on an answer needs. */
export type Forwarder = Pick<ReleaseClient, 'approve' | 'reject'>;

export type Answering =
  /** It only shows. */
  | { readonly kind: 'none' }
  /** The configuration takes names on trust: whoever reaches this server answers under any. */
  | { readonly kind: 'unproven' }
  | {
      readonly kind: 'proven';
      /** Whether people are known by keys of their own. */
      readonly keys: boolean;
      readonly identity?: IdentityDoor;
    };

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
