/**
 * A pinned identity: a short-lived certificate of a trusted authority names this issuer and subject, at a time that a log or a timestamp
 * authority confirms. `@sigstore/verify` would match the subject as an unanchored pattern (`…/repo` accepting `…/repo-evil`), so issuer and
 * subject are compared here: as equal texts, or the subject with a pattern that is anchored at both ends.
 */
import { matchesSubject, subjectPatternProblem } from '../../../domain/subject-pattern.ts';
import { PortError } from '../../../ports/port-error.ts';
import { certificateConfirmation, type Demands, isUnconfirmed } from './confirmation.ts';
import type { Judge, Judgement } from './judge.ts';
import { type Validity, windowInWords, windowOf } from './validity.ts';

interface Certified extends Demands, Validity {
  /** OIDC issuer, as the certificate states it: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
}

export type Identity = Certified &
  (
    | {
        /** Subject alternative name, exactly: an e-mail address or a URI such as a workflow with its ref. */
        readonly subject: string;
      }
    | {
        /** See `subject-pattern.ts`. */
        readonly subjectPattern: string;
      }
  );

/** Throws `config-invalid` for a trusted root or a pattern that could verify nothing. */
export function pinnedIdentity(identity: Identity): Judge {
  const { issuer } = identity;
  const { name, isMeant } = subjectOf(identity);
  if (issuer === '') throw invalid('an empty issuer');
  const confirm = certificateConfirmation(identity);
  const window = windowOf(identity);
  return async ({ certified, ...claim }): Promise<Judgement> => {
    if (!certified) return { trusted: false, why: `without certificate, so not by ${name}` };
    const whole = { ...claim, certified };
    const signer = confirm(whole);
    if (isUnconfirmed(signer)) return { ...signer, trusted: false, why: `not provably by ${name}: ${signer.why}` };
    const subject = signer.identity?.subjectAlternativeName;
    const found = signer.identity?.extensions?.issuer;
    if (subject === undefined || found !== issuer || !isMeant(subject))
      return { trusted: false, why: `signed by ${subject} (${found}), not by ${name} (${issuer})` };
    const by = `${subject} (${issuer})`;
    if (window !== undefined && isUnconfirmed(confirm(whole, window)))
      return {
        trusted: false,
        why: `signed by ${by} at another time: it ${windowInWords(window)}`,
        because: 'not-valid',
      };
    return { trusted: true, by, marks: [{ kind: 'identity', issuer, subject }] };
  };
}

function subjectOf(identity: Identity): { readonly name: string; readonly isMeant: (subject: string) => boolean } {
  if ('subject' in identity) {
    const { subject } = identity;
    if (subject === '') throw invalid('an empty subject');
    return { name: subject, isMeant: (one) => one === subject };
  }
  const { subjectPattern } = identity;
  const problem = subjectPatternProblem(subjectPattern);
  if (problem !== undefined) throw invalid(`a pattern that is refused: ${problem}`);
  return { name: subjectPattern, isMeant: (one) => matchesSubject(subjectPattern, one) };
}

function invalid(got: string): PortError {
  return new PortError('config-invalid', 'an identity of a signer cannot verify anything', {
    retry: 'no',
    expected: 'an issuer, and a subject or an anchored pattern',
    got,
    remedy: 'write issuer and subject as the certificate states them',
  });
}
