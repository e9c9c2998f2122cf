/** Opening a signed statement with a key that is known to belong to somebody. */
import { compactVerify, errors } from 'jose';
import type { ApprovalRefusal } from '../domain/approval.ts';
import { type StatementClaims, parseClaims } from '../domain/statement.ts';
import type { PublicKey } from './public-key.ts';

export type OpenAnswer =
  { readonly ok: true; readonly claims: StatementClaims } | { readonly ok: false; readonly refusal: ApprovalRefusal };

/** The key's own algorithm is the only one that is tried: what the header says cannot confuse it. */
export async function openStatement(compact: string, { jwk, alg }: PublicKey): Promise<OpenAnswer> {
  const payload = await verified(compact, jwk, alg);
  if (payload === undefined) {
    return no(
      'approval-signature-invalid',
      "the statement was not signed with this person's key, or was changed since",
    );
  }
  const claims = parseClaims(parsed(payload));
  return claims === undefined
    ? no('approval-malformed', 'what was signed is no answer of this format')
    : { ok: true, claims };
}

async function verified(
  compact: string,
  jwk: PublicKey['jwk'],
  alg: PublicKey['alg'],
): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(compact, jwk, { algorithms: [alg] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}

function no(code: ApprovalRefusal['code'], message: string): OpenAnswer {
  return { ok: false, refusal: { code, message, remedy: 'log in ("sluice login") and answer again' } };
}
