/**
 * Verifying with a memory: when this zone saw a signed answer first. A proof that ends by itself, as an identity token does, must have been
 * good at that moment, by the zone's own clock; the time that stands in the answer was written by whoever signed it.
 */
import { digestOf } from '../src/content/digest-of.ts';
import type { ApprovalStatement } from '../src/domain/approval.ts';
import { namespaceOf } from '../src/domain/rulebook.ts';
import { seenFirst, type Sightings, withSighting } from '../src/domain/sightings.ts';
import type { ApprovalVerifier, ApproverVerdict } from '../src/ports/approvals.ts';
import { parsed } from './remembered.ts';
import type { Zone } from './zone.ts';

/** Where an answer is used: what the zone has never seen is judged as if it arrived now. Looks its memory up at most once. */
export function verifierWithMemory(zone: Zone, service: string): ApprovalVerifier {
  let known: Promise<Sightings | undefined> | undefined;
  return {
    verify(statement, rule, expected) {
      return zone.ports.approvals.verify(statement, rule, expected, async () => {
        known ??= read(zone, service);
        return seenFirst(await known, digestOf(statement.statement ?? ''));
      });
    },
  };
}

/** Where an answer arrives: as above, and what is accepted is written down before anybody counts it. Twice is once. */
export function verifierThatRemembers(zone: Zone, service: string): ApprovalVerifier {
  const verifier = verifierWithMemory(zone, service);
  return {
    async verify(statement, rule, expected) {
      const verdict = await verifier.verify(statement, rule, expected);
      await note(zone, service, statement, verdict);
      return verdict;
    },
  };
}

/** Keys of one's own end when they are withdrawn, not by themselves: nothing need be known of when they signed. */
async function note(
  zone: Zone,
  service: string,
  { statement = '' }: ApprovalStatement,
  verdict: ApproverVerdict,
): Promise<void> {
  const namespace = placeOf(zone, service);
  if (namespace === undefined || verdict.kind !== 'accepted') return;
  const { proof, expiresAt } = verdict;
  if (proof !== 'oidc' || expiresAt === undefined) return;
  const now = zone.now();
  const one = { digest: digestOf(statement), at: now.toISOString(), expiresAt };
  await zone.ports.records.change('sightings', namespace, service, (text) => {
    const decided = withSighting(parsed<Sightings>(text), one, now.getTime());
    return decided === undefined ? undefined : JSON.stringify(decided);
  });
}

async function read(zone: Zone, service: string): Promise<Sightings | undefined> {
  const namespace = placeOf(zone, service);
  if (namespace === undefined) return undefined;
  return parsed<Sightings>(await zone.ports.records.read('sightings', namespace, service));
}

/** By the zone's own rules: whoever asks can name any namespace. Undefined: no service of this zone. */
function placeOf({ rulebook, environment }: Zone, service: string): string | undefined {
  const rules = Object.hasOwn(rulebook.services, service) ? rulebook.services[service] : undefined;
  return rules === undefined ? undefined : namespaceOf(rules, environment);
}
