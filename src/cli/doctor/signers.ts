/** Whose signatures count: whether each key and identity can be used, counts now, and goes on to. */
import { basename } from 'node:path';
import type { Config, SignatureTrust, Validity } from '../../config/config.ts';
import { notation, readText } from '../../config/load.ts';
import { fingerprintOf, readRevocations, revocationProblems } from '../../config/revocations.ts';
import { type Revocation, revocationInWords, revocationOf, type Revoked } from '../../domain/revocation.ts';
import { PortError } from '../../ports/port-error.ts';
import { fingerprintInVault, localSignatures } from '../wire.ts';
import { doubtful, type Finding, finding, unwell, well } from './finding.ts';

const SOON_MS = 30 * 86_400_000;

export async function examineSigners(config: Config, at = new Date()): Promise<readonly Finding[]> {
  const usable = await finding('signers', async () => {
    await localSignatures(config);
    return well('signers', `${Object.keys(config.trust).join(', ')}: keys and roots can be read`);
  });
  const revoked = examineRevoked(config, at);
  const signers = Object.entries(config.trust).map(([name, entries]) =>
    examineSigner(name, entries, revoked.revocations, at),
  );
  return [usable, ...revoked.findings, ...(await Promise.all(signers)).flat(), ...sharedKeys(config)];
}

function examineRevoked(
  { revokedFile }: Config,
  at: Date,
): { readonly revocations: readonly Revocation[]; readonly findings: readonly Finding[] } {
  if (revokedFile === undefined) return { revocations: [], findings: [] };
  const about = 'what is revoked';
  const read = readRevocations(revokedFile, readText);
  if (!read.ok) {
    const remedy = 'correct it: until then no signature is let through';
    return { revocations: [], findings: [unwell(about, revocationProblems(read.problems), remedy)] };
  }
  const { revocations } = read;
  const inForce = revocations.filter(({ since }) => Date.parse(since) <= at.getTime()).length;
  return { revocations, findings: [well(about, `${revokedFile}: ${inForce} of ${revocations.length} in force`)] };
}

/** One entry, as the doctor sees it. */
interface Examined {
  readonly finding: Finding;
  /** Until when it counts, in milliseconds; undefined: not now, or it could not be found out. */
  readonly until?: number;
}

async function examineSigner(
  name: string,
  entries: readonly SignatureTrust[],
  revocations: readonly Revocation[],
  at: Date,
): Promise<readonly Finding[]> {
  const examined = await Promise.all(entries.map((entry) => examineEntry(name, entry, revocations, at)));
  const findings = examined.map((one) => one.finding);
  const last = Math.max(...examined.map(({ until = Number.NEGATIVE_INFINITY }) => until));
  const about = `signer ${name}`;
  if (last === Number.NEGATIVE_INFINITY) {
    if (findings.some((one) => one.state === 'unwell')) return findings;
    return [...findings, unwell(about, 'no key and no identity of this signer counts now', 'add one that does')];
  }
  if (last - at.getTime() > SOON_MS || hasSuccessor(entries, last)) return findings;
  const days = Math.ceil((last - at.getTime()) / 86_400_000);
  const remedy = 'add the next key now, so that both count for a while';
  return [...findings, doubtful(about, `the last that counts ends in ${days} day(s)`, remedy)];
}

/** One that begins no later than the last one ends. */
function hasSuccessor(entries: readonly SignatureTrust[], last: number): boolean {
  return entries.some(({ from, until }) => {
    const begins = from === undefined ? 0 : Date.parse(from);
    return begins <= last && (until === undefined || Date.parse(until) > last + SOON_MS);
  });
}

async function examineEntry(
  signer: string,
  entry: SignatureTrust,
  revocations: readonly Revocation[],
  at: Date,
): Promise<Examined> {
  const about = `signer ${signer}: ${nameOf(entry)}`;
  let marks: readonly Revoked[] = [];
  const found = await finding(about, async () => {
    const known = await lookAt(entry);
    marks = known.marks;
    return well(about, [...known.facts, timeInWords(entry)].join(', '));
  });
  if (found.state !== 'well') return { finding: found };
  const revoked = revocationOf(revocations, marks, at);
  if (revoked !== undefined) return { finding: doubtful(about, revocationInWords(revoked), 'take it out of "trust"') };
  const until = entry.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(entry.until);
  if (until <= at.getTime())
    return { finding: doubtful(about, `has ended: ${timeInWords(entry)}`, endedRemedy(entry)) };
  const hasBegun = entry.from === undefined || Date.parse(entry.from) <= at.getTime();
  return { finding: found, ...(hasBegun ? { until } : {}) };
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

function nameOf(entry: SignatureTrust): string {
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

/** Where each of several must sign, a key that two of them share signs for both. */
function sharedKeys({ rulebook, trust }: Config): readonly Finding[] {
  return Object.entries(rulebook.environments).flatMap(([environment, { proofs }]) => {
    const rule = proofs?.signatures;
    if (rule?.need !== 'all') return [];
    const owners = new Map<string, string>();
    return rule.of.flatMap((name) =>
      (trust[name] ?? []).flatMap((entry): readonly Finding[] => {
        const identity = identityOf(entry);
        const owner = owners.get(identity) ?? name;
        owners.set(identity, owner);
        if (owner === name) return [];
        const said = `"${owner}" and "${name}" have ${nameOf(entry)} in common: one signature counts for both`;
        return [doubtful(`signatures of ${environment}`, said, 'give each their own, unless that is what you want')];
      }),
    );
  });
}

function identityOf(entry: SignatureTrust): string {
  switch (entry.kind) {
    case 'key':
      return fingerprintOf(entry.pem);
    case 'vault':
      return entry.url;
    case 'identity':
      return `${entry.issuer} ${nameOf(entry)}`;
    case 'notation':
      return entry.trustPolicy;
  }
}
