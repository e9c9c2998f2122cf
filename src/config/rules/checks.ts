/** What external gates must not say. */
import { CHECK } from '../defaults.ts';
import { msOf, parseDuration } from '../duration.ts';
import { gatesOf } from './draft-gates.ts';
import type { Draft, Finding } from './rule.ts';
import { addressFindings, secretFindings } from './secrets.ts';

export function externalChecksArePrivate(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path }) => {
    const { url, secretFrom } = gate.external ?? {};
    const at = [...path, 'external'];
    return [
      ...(url === undefined ? [] : addressFindings([...at, 'url'], url, 'the signature says who asks: leave it out')),
      ...secretFindings([...at, 'secretFrom'], secretFrom),
    ];
  });
}

/** The step that asks ends after a minute, and asks twice. */
export function externalChecksAreQuick(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path }) => {
    const timeout = gate.external?.timeout === undefined ? undefined : parseDuration(gate.external.timeout);
    if (timeout === undefined || timeout <= msOf(CHECK.longest)) return [];
    const remedy = 'whoever needs longer answers "wait" and is asked again';
    return [{ path: [...path, 'external', 'timeout'], message: `write ${CHECK.longest} or less`, remedy }];
  });
}
