/** What approvals must not say. Whether their groups exist is checked where people are read (`approver-files.ts`). */
import { APPROVAL } from '../defaults.ts';
import { parseDuration } from '../duration.ts';
import { type Draft, type DraftEnvironment, type Finding, environmentsOf } from './rule.ts';
import { HTTPS } from './secrets.ts';

const SHORTEST_REMINDER_MS = 60_000;

export function approvalDeadlinesAgree(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { approvals = [] }]) => {
    const deadlines = approvals.map((one) => one?.expiresAfter);
    const first = deadlines.find((one) => one !== undefined);
    return deadlines.flatMap((one, index) =>
      one === undefined || one === first
        ? []
        : [
            {
              path: ['environments', name, 'approvals', index, 'expiresAfter'],
              message: `one question has one deadline, and another entry says ${first}`,
              remedy: 'write "expiresAfter" once',
            },
          ],
    );
  });
}

export function approvalPoliciesApply(draft: Draft): readonly Finding[] {
  return environmentsOf(draft)
    .filter(([, { approvals = [], approvalPolicy }]) => approvalPolicy !== undefined && approvals.length === 0)
    .map(([name]) => ({
      path: ['environments', name, 'approvalPolicy'],
      onKey: true,
      message: 'there is a policy of approvals and nobody is asked',
      remedy: 'add "approvals", or remove it',
    }));
}

export function approvalTimesAreUseful(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, environment]) => {
    const at = ['environments', name, 'approvalPolicy'];
    const { widen, remindEvery } = environment.approvalPolicy ?? {};
    const deadline = deadlineOf(environment);
    const findings: Finding[] = [];
    if ((msIn(widen?.after) ?? 0) >= deadline) {
      const message = 'it would widen when the question is over already';
      findings.push({ path: [...at, 'widen', 'after'], message, remedy: 'make it shorter than "expiresAfter"' });
    }
    if ((msIn(remindEvery) ?? SHORTEST_REMINDER_MS) < SHORTEST_REMINDER_MS) {
      const message = 'reminders more often than once a minute only fill the history';
      findings.push({ path: [...at, 'remindEvery'], message, remedy: 'write 1m or more' });
    }
    return findings;
  });
}

export function authorsAreNamedSomewhere(draft: Draft): readonly Finding[] {
  if (draft.trust?.authors !== undefined) return [];
  return environmentsOf(draft).flatMap(([name, { approvals = [] }]) =>
    approvals.flatMap((one, index) =>
      one?.not?.includes('author') === true
        ? [
            {
              path: ['environments', name, 'approvals', index, 'not'],
              message: 'nothing says who made an image',
              remedy: 'say under "trust.authors" where its provenance names them, or remove "author"',
            },
          ]
        : [],
    ),
  );
}

/** A yes is bound to the digest of the plan: no policy can make it count for another one. */
export function contentAlwaysVoids(draft: Draft): readonly Finding[] {
  return environmentsOf(draft)
    .filter(([, { approvalPolicy }]) => approvalPolicy?.voidOn?.includes('content') === false)
    .map(([name]) => ({
      path: ['environments', name, 'approvalPolicy', 'voidOn'],
      message: 'another content always makes answers worthless',
      remedy: 'write [content, baseline], or leave it out',
    }));
}

/** Tokens that came over a readable line prove nothing; a laptop may speak to itself. */
export function identityIssuerIsHttps(draft: Draft): readonly Finding[] {
  const issuer = draft.trust?.identity?.issuer;
  if (issuer === undefined || !URL.canParse(issuer)) return [];
  const { protocol, hostname } = new URL(issuer);
  if (protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return [];
  return [{ path: ['trust', 'identity', 'issuer'], message: 'the issuer is no https:// address', remedy: HTTPS }];
}

function deadlineOf({ approvals = [] }: DraftEnvironment): number {
  const written = approvals.find((one) => one?.expiresAfter !== undefined)?.expiresAfter;
  return msIn(written ?? APPROVAL.expiresAfter) ?? Number.POSITIVE_INFINITY;
}

function msIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
