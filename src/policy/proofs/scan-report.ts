/**
 * Vulnerability reports as they are attested: Cosign's predicate around a report of Trivy or Grype, and in-toto's own list.
 * Anything else is not understood, and a report that is not understood says nothing.
 */
import type { Severity } from '../../domain/proof.ts';
import { at, isStated, listAt, momentAt, type Stated, textAt } from './stated.ts';

/** The second one is how older versions of Cosign wrote the first. */
export const SCAN_TYPES: readonly string[] = [
  'https://cosign.sigstore.dev/attestation/vuln/v1',
  'cosign.sigstore.dev/attestation/vuln/v1',
  'https://in-toto.io/attestation/vulns/v0.1',
  'https://in-toto.io/attestation/vulns/v0.2',
];

export interface Vulnerability {
  readonly id: string;
  /** Other names of the same: GHSA-… of a CVE-…. */
  readonly aliases: readonly string[];
  /** Undefined: it is of no consequence, and is never counted. */
  readonly severity?: Severity;
  /** Package URL where it was found; undefined: the report does not say. */
  readonly purl?: string;
}

export interface ScanReport {
  readonly scanner: string;
  readonly found: readonly Vulnerability[];
}

/** Milliseconds since the epoch; undefined: the report does not say when it was made, and cannot be compared with others. */
export function scannedAt(predicate: unknown): number | undefined {
  return momentAt(predicate, 'metadata', 'scanFinishedOn');
}

/** A text says what is not understood. */
export function readReport(predicate: unknown): ScanReport | string {
  const scanner = textAt(predicate, 'scanner', 'uri') ?? textAt(predicate, 'scanner', 'version');
  if (scanner === undefined) return 'it does not say which scanner made it ("scanner.uri")';
  const found = foundIn(at(predicate, 'scanner', 'result'));
  if (typeof found === 'string') return found;
  const nameless = found.filter((one) => one.id === '').length;
  return nameless === 0 ? { scanner, found } : `${nameless} of its entries have no id`;
}

function foundIn(result: unknown): readonly Vulnerability[] | string {
  if (isStated(result) && Array.isArray(result['matches'])) return result['matches'].map(ofGrype);
  if (isStated(result) && typeof result['SchemaVersion'] === 'number') return ofTrivy(result['Results']);
  if (Array.isArray(result) && result.length > 0 && result.every((one) => at(one, 'Target') !== undefined))
    return ofTrivy(result);
  if (Array.isArray(result)) return result.map(ofInToto);
  return '"scanner.result" is neither a report of Trivy or Grype nor a list of vulnerabilities';
}

/** Trivy leaves out `Results` and `Vulnerabilities` where there is nothing to list. */
function ofTrivy(results: unknown): readonly Vulnerability[] | string {
  const targets = results ?? [];
  if (!Array.isArray(targets) || !targets.every(isStated)) return '"Results" of the Trivy report is no list';
  const lists = targets.map((one) => one['Vulnerabilities'] ?? []);
  if (!lists.every(Array.isArray)) return '"Vulnerabilities" of the Trivy report is no list';
  return lists.flat().map((one): Vulnerability => {
    const purl = textAt(one, 'PkgIdentifier', 'PURL');
    return {
      id: textAt(one, 'VulnerabilityID') ?? '',
      aliases: texts(listAt(one, 'VendorIDs')),
      ...graded(severityOf(textAt(one, 'Severity'))),
      ...(purl === undefined ? {} : { purl }),
    };
  });
}

function ofGrype(match: unknown): Vulnerability {
  const purl = textAt(match, 'artifact', 'purl');
  return {
    id: textAt(match, 'vulnerability', 'id') ?? '',
    aliases: listAt(match, 'relatedVulnerabilities').flatMap((one) => texts([at(one, 'id')])),
    ...graded(severityOf(textAt(match, 'vulnerability', 'severity'))),
    ...(purl === undefined ? {} : { purl }),
  };
}

/** v0.1 speaks of `vulnerability.id` in its text and of `id` in its example; both are written. */
function ofInToto(entry: unknown): Vulnerability {
  const body: Stated = isStated(at(entry, 'vulnerability'))
    ? (at(entry, 'vulnerability') as Stated)
    : isStated(entry)
      ? entry
      : {};
  const stated = body['severity'];
  const scores = Array.isArray(stated) ? stated : stated === undefined ? [] : [stated];
  return { id: textAt(body, 'id') ?? '', aliases: [], ...graded(gravest(scores.map(severityOfScore))) };
}

/** One of several methods: a word, or a score of CVSS. Other numbers (EPSS) and vectors are no severity. */
function severityOfScore(score: unknown): Grade {
  if (typeof score === 'string') return severityOf(score);
  const value = at(score, 'score');
  const text = typeof value === 'number' ? String(value) : (textAt(score, 'score') ?? '');
  if (/^\d+(?:\.\d+)?$/.test(text))
    return /cvss|nvd/i.test(textAt(score, 'method') ?? '') ? gradeOf(Number(text)) : 'unknown';
  return text.includes('/') ? 'unknown' : severityOf(text);
}

/** CVSS 3.1, "Qualitative Severity Rating Scale". */
function gradeOf(score: number): Grade {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'negligible';
}

/** As scanners and distributions say it. */
const WORDS: ReadonlyMap<string, Grade> = new Map([
  ...(['critical', 'high', 'medium', 'low', 'negligible', 'unknown'] as const).map((one) => [one, one] as const),
  ...([
    ['important', 'high'],
    ['moderate', 'medium'],
    ['minor', 'low'],
    ['none', 'negligible'],
    ['info', 'negligible'],
  ] as const),
  ...([
    ['informational', 'negligible'],
    ['unassigned', 'unknown'],
    ['', 'unknown'],
  ] as const),
]);

type Grade = Severity | 'negligible';
const GRADES: readonly Grade[] = ['critical', 'high', 'medium', 'low', 'negligible'];

/** A word that nobody here knows may mean anything: it counts as the gravest. */
function severityOf(word = ''): Grade {
  return WORDS.get(word.trim().toLowerCase()) ?? 'critical';
}

/** `unknown` only where nothing else is known. */
function gravest(grades: readonly Grade[]): Grade {
  return GRADES.find((one) => grades.includes(one)) ?? 'unknown';
}

function graded(grade: Grade): Pick<Vulnerability, 'severity'> {
  return grade === 'negligible' ? {} : { severity: grade };
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((one): one is string => typeof one === 'string' && one !== '');
}
