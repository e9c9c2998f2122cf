/** What a guardian finds that is not as a promotion left it: facts, each with since when, expected, got and what to do. */
import { isErrorCode, type Refusal } from './error-code.ts';
import { cutAfter } from './plain-text.ts';

/**
 * What is looked at. `running`: what the workloads run; `ready`: whether any pod of it is; `proofs`: signatures and whatever else the
 * environment wants proven; `blind`: a part that could not be looked at, which is no word about it.
 */
export const FINDING_ABOUT = [
  'running',
  'ready',
  'objects',
  'image',
  'manifests',
  'locks',
  'proofs',
  'record',
  'blind',
] as const;
export type FindingAbout = (typeof FINDING_ABOUT)[number];

export interface Finding extends Refusal {
  readonly about: FindingAbout;
  /** `deployment/iam`, `tag 1.2.3`; of `blind` the part that could not be looked at. */
  readonly what: string;
  /** ISO 8601: when it was seen first. */
  readonly since: string;
}

/** Whoever may write to the namespace can leave anything where findings are read. */
export function isFinding(said: unknown): said is Finding {
  if (typeof said !== 'object' || said === null) return false;
  const { about, what, code, message, since } = said as Readonly<Record<string, unknown>>;
  const areTexts = [what, message, since].every((one) => typeof one === 'string');
  return areTexts && isErrorCode(code) && FINDING_ABOUT.some((one) => one === about);
}

/** What a look sees, before it is known since when. */
export type Seen = Omit<Finding, 'since'>;

/** More are counted, not kept: whoever has so many needs no list. */
export const MOST_FINDINGS = 20;
/** Characters of each text of a finding that is kept. */
const LONGEST = 500;

/** Two looks that see the same see one finding. What a rule got may say how old something is, which changes all the while. */
export function findingKey({ about, what, code, got = '' }: Seen): string {
  return [about, what, code, ...(about === 'proofs' || about === 'blind' ? [] : [got])].join(' ');
}

/** All of them as one word, in whatever order they were seen. */
export function findingsKey(findings: readonly Seen[]): string {
  return findings.map(findingKey).sort().join('\n');
}

/** Those that were known keep since when they are. At most so many, each with texts of a bounded length. */
export function datedFindings(seen: readonly Seen[], known: readonly Finding[], at: string): readonly Finding[] {
  const since = new Map(known.map((one) => [findingKey(one), one.since]));
  return seen
    .map(shortened)
    .slice(0, MOST_FINDINGS)
    .map((one) => ({ ...one, since: since.get(findingKey(one)) ?? at }));
}

/** ISO 8601: since when anything is not as it was left; undefined: all is. */
export function driftedSince(findings: readonly Finding[]): string | undefined {
  return findings.map((one) => one.since).sort()[0];
}

/** `running deployment/iam: …`, one line. */
export function findingLine({ about, what, message }: Seen): string {
  return `${about === 'blind' ? 'not looked at' : about} ${what}: ${message}`;
}

function shortened(seen: Seen): Seen {
  const { expected, got, remedy } = seen;
  return {
    ...seen,
    what: cut(seen.what),
    message: cut(seen.message),
    ...(expected === undefined ? {} : { expected: cut(expected) }),
    ...(got === undefined ? {} : { got: cut(got) }),
    ...(remedy === undefined ? {} : { remedy: cut(remedy) }),
  };
}

function cut(text: string): string {
  return cutAfter(text, LONGEST);
}
