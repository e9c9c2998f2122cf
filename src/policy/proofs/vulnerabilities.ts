/**
 * What is known to be wrong with an image: the newest report of a trusted scanner counts, so that nobody gets past a bad one by pushing an old one again;
 * it may not be old, and what it found is held against limits, less what somebody answers for and what OpenVEX says is of no consequence.
 */
import { shortDigest } from '../../domain/digest.ts';
import type { Refusal } from '../../domain/error-code.ts';
import { type ProofVerdict, SEVERITIES, type VulnerabilityRule } from '../../domain/proof.ts';
import { SKEW_MS } from '../../domain/statement.ts';
import type { Attestation } from '../../ports/signatures.ts';
import { type Counted, countedIn } from './counted.ts';
import { VEX_TYPES, vexWords } from './openvex.ts';
import { readReport, SCAN_TYPES, scannedAt } from './scan-report.ts';
import { quoted } from './stated.ts';
import { type Gathered, heard, nameOf, no, nothingHeard, some, type Wanted, yes } from './verdict.ts';

const RULE = 'vulnerabilities';
const REMEDY =
  'scan it again and attest the report ("cosign attest --type vuln …"), repair what it finds, and release it under a new version';
/** As many as people read. */
const MOST_NAMED = 10;

export function vulnerabilitiesWanted({ by }: VulnerabilityRule): Wanted {
  return { rule: RULE, what: 'vulnerability report', types: SCAN_TYPES, by };
}

export function judgeVulnerabilities(rule: VulnerabilityRule, gathered: Gathered): ProofVerdict {
  const wanted = vulnerabilitiesWanted(rule);
  const reports = heard(gathered, wanted);
  if (reports.length === 0) return nothingHeard(gathered, wanted);
  const newest = newestOf(reports);
  if (newest === undefined) return no(RULE, undated(gathered, reports), reports);
  const { at, statements } = newest;
  const untimely = untimelyRefusal(rule, gathered, at, statements);
  if (untimely !== undefined) return no(RULE, untimely, statements);

  const vex = heard(gathered, { types: VEX_TYPES, by: rule.vexBy ?? [] });
  const words = vex.flatMap((one) => vexWords(one.predicate, gathered.image));
  // several of the same moment all count
  const verdicts = statements.map((one): ProofVerdict => {
    const report = readReport(one.predicate);
    if (typeof report === 'string') return no(RULE, unreadable(gathered, one, report), [one]);
    const counted = countedIn(report.found, { rule, words, nowMs: gathered.at.getTime() });
    const used = [one, ...vex];
    const refusal = limitRefusal(rule, gathered, one, counted);
    if (refusal !== undefined) return no(RULE, refusal, used);
    return yes(
      RULE,
      `${quoted(report.scanner)} found nothing above the limits at ${timeOf(at)}: ${inWords(counted)}`,
      used,
    );
  });
  return verdicts.find((one) => one.answer === 'no') ?? (verdicts[0] as ProofVerdict);
}

/** A report that does not say when it was made is never the newest one. */
function newestOf(
  reports: readonly Attestation[],
): { readonly at: number; readonly statements: readonly Attestation[] } | undefined {
  const dated = reports.flatMap((one) => {
    const at = scannedAt(one.predicate);
    return at === undefined ? [] : [{ at, one }];
  });
  if (dated.length === 0) return undefined;
  const at = Math.max(...dated.map((one) => one.at));
  return { at, statements: dated.filter((one) => one.at === at).map(({ one }) => one) };
}

function undated({ image }: Gathered, reports: readonly Attestation[]): Refusal {
  return {
    code: 'statement-unreadable',
    message: `no vulnerability report of ${nameOf(image)} says when it was made`,
    expected: '"metadata.scanFinishedOn", a time with its offset',
    got: some(reports.map((one) => `${shortDigest(one.artefact.digest)} without one`)),
    remedy: REMEDY,
  };
}

function unreadable({ image }: Gathered, { artefact }: Attestation, why: string): Refusal {
  return {
    code: 'statement-unreadable',
    message: `the newest vulnerability report of ${nameOf(image)} cannot be read`,
    expected: "Cosign's predicate with a report of Trivy or Grype, or in-toto's list of vulnerabilities",
    got: `${shortDigest(artefact.digest)}: ${why}`,
    remedy: REMEDY,
  };
}

function untimelyRefusal(
  { noOlderThanMs }: VulnerabilityRule,
  { image, at: now }: Gathered,
  at: number,
  statements: readonly Attestation[],
): Refusal | undefined {
  const ageMs = now.getTime() - at;
  const got = `${statements.map((one) => shortDigest(one.artefact.digest)).join(' and ')} of ${timeOf(at)}`;
  if (ageMs < -SKEW_MS) {
    return {
      code: 'vulnerabilities-refused',
      message: `the newest vulnerability report of ${nameOf(image)} was made in the future`,
      expected: `at most ${timeOf(now.getTime() + SKEW_MS)}`,
      got,
      remedy: 'set the clock of the scanner, delete that report, and scan the image again',
    };
  }
  if (ageMs <= noOlderThanMs) return undefined;
  return {
    code: 'vulnerabilities-refused',
    message: `the newest vulnerability report of ${nameOf(image)} is too old`,
    expected: `one that was made since ${timeOf(now.getTime() - noOlderThanMs)}`,
    got,
    remedy: REMEDY,
  };
}

function limitRefusal(
  { most }: VulnerabilityRule,
  { image }: Gathered,
  { artefact }: Attestation,
  counted: Counted,
): Refusal | undefined {
  const above = SEVERITIES.filter((one) => {
    const limit = most[one];
    return limit !== undefined && counted.ids[one].length > limit;
  });
  if (above.length === 0) return undefined;
  const counts = above.map((one) => `${counted.ids[one].length} ${one}`).join(', ');
  return {
    code: 'vulnerabilities-refused',
    message: `${nameOf(image)} has more known vulnerabilities than may enter: ${counts}`,
    expected: `at most ${above.map((one) => `${most[one]} ${one}`).join(', ')}`,
    got: `${shortDigest(artefact.digest)}: ${above.map((one) => `${one} ${named(counted.ids[one])}`).join('; ')}${notesOf(counted)}`,
    remedy: `${REMEDY}; or have somebody answer for it ("exceptions"), or say why it is of no consequence (OpenVEX)`,
  };
}

function inWords(counted: Counted): string {
  const counts = SEVERITIES.map((one) => `${counted.ids[one].length} ${one}`).join(', ');
  const less = [
    ...counted.excepted.map((one) => `${one} by exception`),
    ...counted.harmless.map((one) => `${one} by OpenVEX`),
  ];
  return `${counts}${less.length === 0 ? '' : `, without ${named(less)}`}${notesOf(counted)}`;
}

/** What somebody should tidy up: exceptions that have ended, or are for nothing. */
function notesOf({ expired, unused }: Counted): string {
  const notes = [
    ...expired.map(({ id, owner, until }) => `the exception of ${owner} for ${id} ended at ${until}`),
    ...unused.map(({ id, owner }) => `the exception of ${owner} for ${id} is for nothing in this image`),
  ];
  return notes.length === 0 ? '' : ` (${named(notes)})`;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map(quoted).join(', ');
  return names.length <= MOST_NAMED ? shown : `${shown} and ${names.length - MOST_NAMED} more`;
}

function timeOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'no time';
}
