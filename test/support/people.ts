/** People with keys of their own, and the question that they answer. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { ApprovalStatement } from '../../src/domain/approval.ts';
import type { ApprovalRule } from '../../src/domain/rulebook.ts';
import type { ExpectedAnswer, StatementFacts } from '../../src/domain/statement.ts';
import { publicKeyOf } from '../../src/statements/public-key.ts';
import { type SigningKey, signStatement } from '../../src/statements/sign.ts';

export const NOW = new Date('2026-11-23T12:00:00Z');
export const PLAN_DIGEST = `sha256:${'a'.repeat(64)}`;

export const RULE: ApprovalRule = {
  required: 1,
  from: ['release-managers'],
  notRequester: true,
  deadlineMs: 3 * 86_400_000,
};

export const EXPECTED: ExpectedAnswer = {
  release: 'release/iam/1.0.0',
  service: 'iam',
  version: '1.0.0',
  environment: 'production',
  planDigest: PLAN_DIGEST,
  requestedBy: 'rita',
  at: NOW,
};

export interface Person extends SigningKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** Public key, PEM. */
  readonly pem: string;
}

export function aPerson(name: string, kind: 'ed25519' | 'p-256' = 'ed25519'): Person {
  const { privateKey, publicKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return { name, privateKey, key: privateKey, publicKey: publicKeyOf(pem), pem };
}

export interface Said {
  readonly facts?: Partial<StatementFacts>;
  readonly subject?: string;
  readonly now?: Date;
  readonly goodForMs?: number;
}

/** What the person sends: the signed statement, and the same words beside it. */
export async function answerOf(person: Person, said: Said = {}): Promise<ApprovalStatement> {
  const { release, service, version, environment, planDigest } = EXPECTED;
  const facts: StatementFacts = {
    ...{ release, service, version, environment, planDigest },
    decision: 'approve',
    ...said.facts,
  };
  const subject = said.subject ?? person.name;
  const moment = { now: said.now ?? NOW, goodForMs: said.goodForMs ?? 86_400_000 };
  const { decision, reason, overrides } = facts;
  return {
    decision,
    approver: subject,
    planDigest: facts.planDigest,
    ...(reason === undefined ? {} : { reason }),
    ...(overrides === undefined ? {} : { overrides }),
    statement: await signStatement(facts, subject, person, moment),
  };
}
