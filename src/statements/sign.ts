/** Making a signed statement, on the machine of the person who answers. */
import { type KeyObject, randomUUID } from 'node:crypto';
import { CompactSign } from 'jose';
import {
  STATEMENT_MEDIA_TYPE,
  STATEMENT_TYPE,
  type StatementClaims,
  type StatementFacts,
} from '../domain/statement.ts';
import { ID_TOKEN_HEADER } from './header.ts';
import { type PublicKey, thumbprintOf } from './public-key.ts';

export interface SigningKey {
  readonly key: KeyObject;
  readonly publicKey: PublicKey;
  /** The issuer's word for whose key this is; undefined: the key itself is pinned. */
  readonly idToken?: string;
}

export interface SigningMoment {
  readonly now: Date;
  readonly goodForMs: number;
}

export async function signStatement(
  facts: StatementFacts,
  subject: string,
  { key, publicKey, idToken }: SigningKey,
  { now, goodForMs }: SigningMoment,
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1_000);
  const exp = iat + Math.ceil(goodForMs / 1_000);
  const claims: StatementClaims = { type: STATEMENT_TYPE, ...facts, subject, iat, exp, jti: randomUUID() };
  const vouched = idToken === undefined ? {} : { jwk: publicKey.jwk, [ID_TOKEN_HEADER]: idToken };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({
      alg: publicKey.alg,
      typ: STATEMENT_MEDIA_TYPE,
      kid: await thumbprintOf(publicKey),
      ...vouched,
    })
    .sign(key);
}
