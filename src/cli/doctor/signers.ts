/** Whose signatures count: whether each signer can sign now, and goes on to. */
import type { Config, SignatureTrust } from '../../config/config.ts';
import { fingerprintOf } from '../../config/revocations.ts';
import { localSignatures } from '../wire.ts';
import { doubtful, type Finding, finding, unwell, well } from './finding.ts';
import { examineRevoked, withoutEffect } from './revoked.ts';
import { type Examined, examineEntry, nameOf } from './signer-entry.ts';

const SOON_MS = 30 * 86_400_000;

export async function examineSigners(config: Config, at = new Date()): Promise<readonly Finding[]> {
  const usable = await finding('signers', async () => {
    await localSignatures(config);
    return well('signers', `${Object.keys(config.trust).join(', ')}: keys and roots can be read`);
  });
  const revoked = examineRevoked(config, at);
  const signers = await Promise.all(
    Object.entries(config.trust).map(async ([name, entries]): Promise<readonly [string, readonly Examined[]]> => {
      const examined = entries.map((entry) => examineEntry(name, entry, revoked.revocations, at));
      return [name, await Promise.all(examined)];
    }),
  );
  const marks = signers.flatMap(([, examined]) => examined.flatMap((one) => one.marks));
  return [
    usable,
    ...revoked.findings,
    ...withoutEffect(revoked.revocations, marks, config),
    ...signers.flatMap(([name, examined]) => sumOf(name, config.trust[name] ?? [], examined, at)),
    ...sharedKeys(config),
  ];
}

/** The findings of its entries, and whether the signer can sign now and goes on to. */
function sumOf(
  name: string,
  entries: readonly SignatureTrust[],
  examined: readonly Examined[],
  at: Date,
): readonly Finding[] {
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
