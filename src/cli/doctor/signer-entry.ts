/** One key or identity of a signer: whether it can be used, by what it is known, and until when it counts. */
import { basename } from 'node:path';
import type { SignatureTrust, Validity } from '../../config/config.ts';
import { notation } from '../../config/load.ts';
import { fingerprintOf } from '../../config/revocations.ts';
import { type Revocation, revocationInWords, revocationOf, type Revoked } from '../../domain/revocation.ts';
import { PortError } from '../../ports/port-error.ts';
import { fingerprintInVault } from '../wire.ts';
import { doubtful, type Finding, finding, notTried, well } from './finding.ts';

/** One entry, as the doctor sees it. */
export interface Examined {
  readonly finding: Finding;
  /** By what it could be revoked, as far as it could be found out. */
  readonly marks: readonly Revoked[];
  /** Until when it counts, in milliseconds; undefined: not now, or it cannot be used. */
  readonly until?: number;
}

export async function examineEntry(
  signer: string,
  entry: SignatureTrust,
  revocations: readonly Revocation[],
  at: Date,
): Promise<Examined> {
  const about = `signer ${signer}: ${nameOf(entry)}`;
  let marks: readonly Revoked[] = [];
  const found = await finding(about, async () => {
    try {
      const known = await lookAt(entry);
      marks = known.marks;
      return well(about, [...known.facts, timeInWords(entry)].join(', '));
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'signer-forbidden') throw error;
      return notTried(about, 'the vault answers; you may not read keys in it, only workers need to');
    }
  });
  if (found.state === 'unwell') return { finding: found, marks };
  const revoked = revocationOf(revocations, marks, at);
  if (revoked !== undefined)
    return { finding: doubtful(about, revocationInWords(revoked), 'take it out of "trust"'), marks };
  const until = entry.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(entry.until);
  if (until <= at.getTime())
    return { finding: doubtful(about, `has ended: ${timeInWords(entry)}`, endedRemedy(entry)), marks };
  const hasBegun = entry.from === undefined || Date.parse(entry.from) <= at.getTime();
  return { finding: found, marks, ...(hasBegun ? { until } : {}) };
}

function endedRemedy(entry: SignatureTrust): string {
  const isConfirmed = entry.kind === 'identity' || ('trustedRoot' in entry && entry.trustedRoot !== undefined);
  return isConfirmed
    ? 'keep it for as long as what it signed before may go back'
    : 'take it out: nothing that it signed counts';
}

/** What can be known of an entry here: facts for people, and by what it could be revoked. Throws when it cannot be used. */
async function lookAt(
  entry: SignatureTrust,
): Promise<{ readonly facts: readonly string[]; readonly marks: readonly Revoked[] }> {
  switch (entry.kind) {
    case 'key': {
      const fingerprint = fingerprintOf(entry.pem);
      return { facts: [fingerprint], marks: [{ kind: 'key', fingerprint }] };
    }
    case 'vault': {
      const fingerprint = await fingerprintInVault(entry.url);
      const marks = [{ kind: 'key', fingerprint } as const, { kind: 'vault', url: entry.url } as const];
      return { facts: [fingerprint], marks };
    }
    case 'identity': {
      const { issuer } = entry;
      return {
        facts: [issuer],
        marks: 'subject' in entry ? [{ kind: 'identity', issuer, subject: entry.subject }] : [],
      };
    }
    case 'notation':
      return { facts: [notationOnThisMachine()], marks: [] };
  }
}

function notationOnThisMachine(): string {
  const program = notation();
  if (program !== undefined) return program;
  throw new PortError('signer-unusable', 'no program "notation" on PATH, and none that NOTATION names', {
    retry: 'no',
  });
}

export function nameOf(entry: SignatureTrust): string {
  switch (entry.kind) {
    case 'key':
      return `key ${basename(entry.file)}`;
    case 'vault':
      return `key ${entry.url}`;
    case 'identity':
      return 'subject' in entry ? entry.subject : entry.subjectPattern;
    case 'notation':
      return 'Notation';
  }
}

function timeInWords({ from, until }: Validity): string {
  if (from === undefined && until === undefined) return 'counts without an end';
  return `counts${from === undefined ? '' : ` from ${from}`}${until === undefined ? '' : ` until ${until}`}`;
}
