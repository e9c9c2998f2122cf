/** The protected header of a signed statement, read before anything is believed: it says where to look for the key, no more. */
import { decodeProtectedHeader } from 'jose';
import { LONGEST_STATEMENT, type ApprovalRefusal } from '../domain/approval.ts';
import { STATEMENT_MEDIA_TYPE } from '../domain/statement.ts';
import { type PublicKey, publicKeyOfJwk } from './public-key.ts';

/** Where a statement carries the identity token that vouches for its key. */
export const ID_TOKEN_HEADER = 'sluice_id_token';

export interface StatementHeader {
  /** RFC 7638 thumbprint of the key. */
  readonly kid: string;
  /** The key itself, beside a token that vouches for it. */
  readonly publicKey?: PublicKey;
  readonly idToken?: string;
}

export type HeaderAnswer =
  { readonly ok: true; readonly header: StatementHeader } | { readonly ok: false; readonly refusal: ApprovalRefusal };

export function readHeader(compact: string): HeaderAnswer {
  if (compact.length > LONGEST_STATEMENT) {
    return no('approval-too-large', 'the statement is larger than any honest one');
  }
  const header = decoded(compact);
  if (header === undefined) return no('approval-malformed', 'the statement is no signed statement (compact JWS)');
  const { typ, alg, kid } = header;
  if (typ !== STATEMENT_MEDIA_TYPE) {
    return no('approval-malformed', 'the signed text is something else than an answer', STATEMENT_MEDIA_TYPE, typ);
  }
  if (alg !== 'EdDSA' && alg !== 'ES256') {
    return no('approval-signature-invalid', 'the statement is not signed as statements are', 'EdDSA or ES256', alg);
  }
  if (typeof kid !== 'string' || kid === '') return no('approval-malformed', 'the statement does not name its key');
  const idToken = header[ID_TOKEN_HEADER];
  const publicKey = publicKeyOfJwk(header.jwk);
  return {
    ok: true,
    header: {
      kid,
      ...(typeof idToken === 'string' ? { idToken } : {}),
      ...(publicKey === undefined ? {} : { publicKey }),
    },
  };
}

function decoded(compact: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(compact);
  } catch {
    return undefined;
  }
}

function no(code: ApprovalRefusal['code'], message: string, expected?: string, got?: unknown): HeaderAnswer {
  const details = expected === undefined ? {} : { expected, got: typeof got === 'string' ? got.slice(0, 64) : 'none' };
  return { ok: false, refusal: { code, message, ...details } };
}
