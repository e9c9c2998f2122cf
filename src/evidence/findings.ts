/** What looking at evidence has found, one fact each: proven and by whom, wrong, demanded and not there, or proven by nobody. */
import { plainText } from '../domain/plain-text.ts';

export const CHECKS = [
  'index',
  'history',
  'release',
  'demand',
  'plan',
  'policy',
  'content',
  'manifests',
  'signature',
  'attestation',
  'proof',
  'approval',
  'record',
] as const;
export type Check = (typeof CHECKS)[number];

/**
 * `proven`: it holds. `wrong`: it does not, or contradicts something else. `missing`: it is demanded, and nothing here proves it.
 * `unproven`: nobody vouches for it, and nobody demands it.
 */
export type FindingState = 'proven' | 'wrong' | 'missing' | 'unproven';

export interface Finding {
  readonly check: Check;
  readonly state: FindingState;
  /** One line: what it is about. */
  readonly about: string;
  /** Who vouches for it, as the trust file names them. */
  readonly by?: string;
  readonly why?: string;
  /** The part of the archive. */
  readonly where?: string;
  readonly environment?: string;
}

type Details = Pick<Finding, 'by' | 'why' | 'where' | 'environment'>;

export function proven(check: Check, about: string, details: Details = {}): Finding {
  return finding(check, 'proven', { about, ...details });
}

export function wrong(check: Check, about: string, why: string, details: Details = {}): Finding {
  return finding(check, 'wrong', { about, why, ...details });
}

export function missing(check: Check, about: string, why: string, details: Details = {}): Finding {
  return finding(check, 'missing', { about, why, ...details });
}

export function unproven(check: Check, about: string, why: string, details: Details = {}): Finding {
  return finding(check, 'unproven', { about, why, ...details });
}

/** More than any honest sentence. */
const LONGEST = 2_000;

/** Much of it is quoted from the archive, whose maker must not be able to write a finding of their own below it. */
function finding(check: Check, state: FindingState, said: Details & Pick<Finding, 'about'>): Finding {
  const lines = Object.entries(said).map(([name, text]) => [name, plainText(text, LONGEST)]);
  return { check, state, ...(Object.fromEntries(lines) as typeof said) };
}

/** Nothing is wrong, and nothing that is demanded is missing. */
export function isYes(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state === 'proven' || state === 'unproven');
}
