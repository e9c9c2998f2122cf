/**
 * People of an identity provider. They sign with a key of their own, and an identity token whose `nonce` names that key says whose
 * it is: the token alone answers nothing, and the statement can be checked by anybody who has the issuer's keys.
 */
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Refusal } from '../../../domain/error-code.ts';
import type { ProvenPerson } from '../../../domain/statement.ts';
import type { ApprovalVerifier } from '../../../ports/approvals.ts';
import { readHeader, type StatementHeader } from '../../../statements/header.ts';
import { judgeStatement } from '../../../statements/judge.ts';
import { thumbprintOf } from '../../../statements/public-key.ts';
import { groupsOf } from './groups.ts';
import { type Moments, readIdToken } from './id-token.ts';
import { type Issuer, type IssuerOptions, openIssuer } from './issuer.ts';

export interface OidcOptions extends IssuerOptions {
  readonly audience: string;
  readonly groupsClaim: 'groups' | 'roles';
  /** Group → what the token says for it. */
  readonly groups: Readonly<Record<string, string>>;
  /** The issuer's keys (a JWK set), for whoever asks nobody; undefined: the issuer is asked. */
  readonly jwks?: unknown;
}

type Refused = { readonly kind: 'refused'; readonly refusal: Refusal };

/** Asks the issuer at the first use. */
export function createOidcApprovals(options: OidcOptions): ApprovalVerifier {
  const issuer =
    options.jwks === undefined ? openIssuer(options) : { keys: createLocalJWKSet(options.jwks as JSONWebKeySet) };
  return {
    async verify(statement, rule, expected, seenFirst) {
      const { statement: compact } = statement;
      if (compact === undefined) return refused('approval-unproven', 'the answer is not signed');
      const read = readHeader(compact);
      if (!read.ok) return { kind: 'refused', refusal: read.refusal };
      const { idToken, publicKey, kid } = read.header;
      if (idToken === undefined || publicKey === undefined) {
        return refused('approval-unproven', 'the statement carries no identity token with a key');
      }
      if ((await thumbprintOf(publicKey)) !== kid) {
        return refused('approval-signature-invalid', 'the statement names another key than it carries');
      }
      const question = { statement, rule, expected };
      return judgeStatement(compact, question, publicKey, async (signedAt) => {
        const known = await seenFirst?.();
        const moments = { signedAt, arrivedAt: known ?? expected.at, isKnown: known !== undefined };
        return personOf({ ...read.header, idToken }, moments, issuer, options);
      });
    },
  };
}

async function personOf(
  { idToken, kid }: StatementHeader & { readonly idToken: string },
  moments: Moments,
  { keys }: Pick<Issuer, 'keys'>,
  { issuer, audience, groupsClaim, groups: named }: OidcOptions,
): Promise<ProvenPerson | Refused> {
  const token = await readIdToken(idToken, kid, moments, { issuer, audience, keys });
  if (!token.ok) return { kind: 'refused', refusal: token.refusal };
  const groups = groupsOf(token.claims, groupsClaim, named);
  if (!groups.ok) {
    return refused('identity-groups-hidden', 'the token does not list the groups: there are too many of them');
  }
  // `oid` and `sub` stay what they are; the others are how people call each other
  const { preferred_username: user, email, upn, oid, sub } = token.claims;
  const names = [user, email, upn, oid, sub].filter((one): one is string => typeof one === 'string' && one !== '');
  const [subject = '', ...aliases] = [...new Set(names)];
  return { subject, aliases, groups: groups.groups, proof: 'oidc' };
}

function refused(code: Refusal['code'], message: string): Refused {
  return { kind: 'refused', refusal: { code, message, remedy: 'log in ("sluice login") and answer again' } };
}
