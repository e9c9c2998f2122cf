/** People whose public keys are written down: each statement must be signed with the key of the person it names. */
import type { ProvenPerson } from '../../domain/statement.ts';
import type { ApprovalVerifier, ApproverVerdict } from '../../ports/approvals.ts';
import { readHeader } from '../../statements/header.ts';
import { judgeStatement } from '../../statements/judge.ts';
import { type PublicKey, publicKeyOf, thumbprintOf } from '../../statements/public-key.ts';

export interface KeyHolder {
  readonly name: string;
  /** Other names of the same person: with an identity provider, in pipelines. */
  readonly aliases: readonly string[];
  readonly groups: readonly string[];
  /** Public keys, PEM. */
  readonly keys: readonly string[];
}

interface Pinned {
  readonly key: PublicKey;
  readonly person: ProvenPerson;
}

/** Throws for a key that is none; `src/config` has refused it before. */
export function createKeyApprovals(holders: readonly KeyHolder[]): ApprovalVerifier {
  const pinned = holders.flatMap(({ name, aliases, groups, keys }) =>
    keys.map((pem): Pinned => ({ key: publicKeyOf(pem), person: { subject: name, aliases, groups, proof: 'key' } })),
  );
  let byThumbprint: Promise<ReadonlyMap<string, Pinned>> | undefined;
  return {
    async verify(statement, rule, expected) {
      const { statement: compact } = statement;
      if (compact === undefined) return unproven();
      const read = readHeader(compact);
      if (!read.ok) return { kind: 'refused', refusal: read.refusal };
      byThumbprint ??= index(pinned);
      const known = (await byThumbprint).get(read.header.kid);
      if (known === undefined) return unknownKey(read.header.kid);
      const question = { statement, rule, expected };
      return judgeStatement(compact, question, known.key, () => Promise.resolve(known.person));
    },
  };
}

async function index(pinned: readonly Pinned[]): Promise<ReadonlyMap<string, Pinned>> {
  return new Map(await Promise.all(pinned.map(async (one) => [await thumbprintOf(one.key), one] as const)));
}

function unproven(): ApproverVerdict {
  const refusal = {
    code: 'approval-unproven',
    message: 'the answer is not signed, and this environment takes no name on trust',
    remedy: 'log in ("sluice login") and answer again',
  } as const;
  return { kind: 'refused', refusal };
}

function unknownKey(kid: string): ApproverVerdict {
  const refusal = {
    code: 'approval-key-unknown',
    message: 'nobody here is known by the key that signed this',
    expected: 'a key that trust.approvers names',
    got: kid.slice(0, 64),
    remedy: 'have your public key added to trust.approvers ("sluice whoami" prints it), and the workers restarted',
  } as const;
  return { kind: 'refused', refusal };
}
