/** What of a report counts: each vulnerability once, however many packages it is in, unless it is answered for or of no consequence everywhere. */
import { SEVERITIES, type Severity, type VulnerabilityException, type VulnerabilityRule } from '../../domain/proof.ts';
import { SKEW_MS } from '../../domain/statement.ts';
import { type VexWord, wordAbout } from './openvex.ts';
import type { Vulnerability } from './scan-report.ts';

export interface Counted {
  /** By the gravest severity that it has anywhere. */
  readonly ids: Readonly<Record<Severity, readonly string[]>>;
  /** Ids that do not count because somebody answers for them, or because OpenVEX says why. */
  readonly excepted: readonly string[];
  readonly harmless: readonly string[];
  /** Exceptions that would have helped and have ended. */
  readonly expired: readonly VulnerabilityException[];
  /** Exceptions for nothing that counts in this image. */
  readonly unused: readonly VulnerabilityException[];
}

export interface Beside {
  readonly rule: Pick<VulnerabilityRule, 'exceptions'>;
  readonly words: readonly VexWord[];
  readonly nowMs: number;
}

export function countedIn(found: readonly Vulnerability[], { rule, words, nowMs }: Beside): Counted {
  // who speaks of the future may warn, but not reassure
  const spoken = words.filter((one) => !one.helps || one.at <= nowMs + SKEW_MS);
  const grave = found.filter((one) => one.severity !== undefined);
  const left = grave.filter((one) => wordAbout(spoken, one)?.helps !== true);
  const exceptions = rule.exceptions.filter((one) => nowMs < Date.parse(one.until));
  const isExcepted = (one: Vulnerability): boolean => exceptions.some(({ id }) => isNamed(one, id));
  const counting = gravestById(left.filter((one) => !isExcepted(one)));
  const answered = new Set(left.filter(isExcepted).map((one) => one.id));
  const matters = ({ id }: VulnerabilityException): boolean => left.some((one) => isNamed(one, id));
  const idsOf = (severity: Severity): readonly string[] =>
    [...counting].flatMap(([id, gravest]) => (gravest === severity ? [id] : []));
  return {
    ids: {
      ...{ critical: idsOf('critical'), high: idsOf('high'), medium: idsOf('medium') },
      ...{ low: idsOf('low'), unknown: idsOf('unknown') },
    },
    excepted: [...answered].filter((id) => !counting.has(id)),
    harmless: [...new Set(grave.map((one) => one.id))].filter((id) => !counting.has(id) && !answered.has(id)),
    expired: rule.exceptions.filter((one) => !exceptions.includes(one) && matters(one)),
    unused: rule.exceptions.filter((one) => !matters(one)),
  };
}

function isNamed({ id, aliases }: Vulnerability, name: string): boolean {
  return id === name || aliases.includes(name);
}

function gravestById(found: readonly Vulnerability[]): ReadonlyMap<string, Severity> {
  const gravest = new Map<string, Severity>();
  for (const { id, severity = 'unknown' } of found) {
    const known = gravest.get(id);
    if (known === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(known)) gravest.set(id, severity);
  }
  return gravest;
}
