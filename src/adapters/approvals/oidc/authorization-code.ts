/** Signing in with a browser (RFC 6749 4.1 with RFC 7636): the issuer sends the person back with a code, and vouches for a key. */
import { createHash, randomBytes } from 'node:crypto';
import { PortError } from '../../../ports/port-error.ts';
import { readIdToken } from './id-token.ts';
import { assertPrivate, type IssuerOptions, openIssuer } from './issuer.ts';
import { notSignedIn, saidBy, signedInBy, type SignedIn } from './signed-in.ts';

export interface BrowserSignInOptions extends IssuerOptions {
  readonly clientId: string;
  readonly audience: string;
}

export interface BegunSignIn {
  /** Where to send the browser. */
  readonly url: string;
  /** What it must bring back. */
  readonly state: string;
  /** Stays with whoever began: without it the code is worth nothing. */
  readonly verifier: string;
}

export interface SignInReturn {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  /** Thumbprint of the key to vouch for. */
  readonly thumbprint: string;
}

export interface BrowserSignIn {
  /** Throws `login-failed`, `identity-unreachable`, `identity-untrusted`. */
  begin(redirectUri: string, thumbprint: string): Promise<BegunSignIn>;
  /** Verifies the token as a zone will. Throws what `begin` does, and every `identity-…` code. */
  finish(back: SignInReturn): Promise<SignedIn>;
}

const AGAIN = 'begin again at the page where you wanted to answer';

/** Asks the issuer at the first use. */
export function createBrowserSignIn(options: BrowserSignInOptions): BrowserSignIn {
  const { clientId, audience, issuer: name } = options;
  const issuer = openIssuer(options);
  return {
    async begin(redirectUri, thumbprint) {
      const { authorization_endpoint: endpoint } = await issuer.discovery();
      if (endpoint === undefined) throw notSignedIn('the issuer signs nobody in with a browser', AGAIN);
      assertPrivate(endpoint);
      const [state, verifier] = [secret(), secret()];
      const url = new URL(endpoint);
      const query = {
        client_id: clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce: thumbprint,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      };
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      return { url: url.href, state, verifier };
    },
    async finish({ code, verifier, redirectUri, thumbprint }) {
      const { token_endpoint: tokens } = await issuer.discovery();
      if (tokens === undefined) throw notSignedIn('the issuer gives no tokens', AGAIN);
      const answer = await issuer.post(tokens, {
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
      });
      const { id_token: idToken } = answer;
      if (typeof idToken !== 'string') throw notSignedIn(saidBy(answer), AGAIN);
      const now = new Date();
      const moments = { signedAt: now, arrivedAt: now, isKnown: false };
      const read = await readIdToken(idToken, thumbprint, moments, { issuer: name, audience, keys: issuer.keys });
      if (!read.ok) {
        const { code: refused, message, ...details } = read.refusal;
        throw new PortError(refused, message, { retry: 'no', ...details, remedy: AGAIN });
      }
      return signedInBy(idToken, thumbprint, audience);
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
