/** One look at everything that a promotion left: which promotion that was, whether another one is under way, and what is not the same. */
import type { Guarded, LookAnswer, LookRequest } from '../../src/contract/guardian-workflow.ts';
import type { Admission, PromotionRecord } from '../../src/contract/plan.ts';
import { datedFindings, type Finding, type FindingAbout, type Seen } from '../../src/domain/finding.ts';
import { namespaceOf } from '../../src/domain/rulebook.ts';
import { restraintsOn } from '../../src/domain/restraint.ts';
import { blindFinding, recordFinding, wantedFor } from '../../src/policy/guardian-policy.ts';
import { hasEnded } from '../desks.ts';
import type { GuardedRules } from '../guard.ts';
import { insideOf } from '../recall.ts';
import { readRecord } from '../remembered.ts';
import { readRestraints } from '../restraints.ts';
import type { Zone } from '../zone.ts';
import { asRefusal, PARTS, type Target } from './parts.ts';

type Answer<Kind extends LookAnswer['kind']> = LookAnswer & { readonly kind: Kind };
/** What a look has seen; whether it is believed is decided by whoever compares it with an earlier one. */
export type Look = Omit<Answer<'seen'>, 'confirmed'> | Answer<'away'> | Answer<'over'>;

export async function lookOnce(
  zone: Zone,
  request: LookRequest,
  rules: GuardedRules,
  signal: AbortSignal,
): Promise<Look> {
  const namespace = namespaceOf(rules.service, zone.environment);
  const memory = await remembered(zone, namespace, request);
  if (memory.kind !== 'known') return memory.kind === 'blind' ? blind(zone, request, rules, memory.seen) : memory;
  const { target, seen, admission } = memory;
  const looks = await Promise.all(
    PARTS.map((part) => lookAt(part, () => part.look({ zone, rules, namespace, target, signal }), request.known)),
  );
  signal.throwIfAborted();
  // whoever was let in meanwhile may have changed what was looked at
  const after = await zone.ports.records.read('admission', namespace, request.service).catch(() => undefined);
  if (after !== admission) return away(zone, 'a promotion has begun or ended meanwhile');
  return told(zone, request, rules, { target, seen: [...seen, ...looks.flat()], namespace });
}

type Memory =
  | {
      readonly kind: 'known';
      readonly target: Target;
      readonly seen: readonly Seen[];
      readonly admission: string | undefined;
    }
  | { readonly kind: 'blind'; readonly seen: Seen }
  | Answer<'away'>
  | Answer<'over'>;

async function remembered(zone: Zone, namespace: string, { service, guarded }: LookRequest): Promise<Memory> {
  let record: PromotionRecord | undefined;
  let admission: string | undefined;
  try {
    [record, admission] = await Promise.all([
      readRecord(zone, namespace, service),
      zone.ports.records.read('admission', namespace, service),
    ]);
  } catch (error) {
    return { kind: 'blind', seen: blindFinding(`what ${zone.environment} remembers`, asRefusal(error)) };
  }
  const [inside] = insideOf(service, admission === undefined ? undefined : (JSON.parse(admission) as Admission));
  // of whom nobody can tell whether it goes on, that one is taken to go on
  const isUnderWay = inside !== undefined && !(await hasEnded(inside).catch(() => false));
  if (isUnderWay) return away(zone, `${inside.workflowId} is under way`);
  if (record === undefined && guarded === undefined) {
    return { kind: 'over', said: `${zone.environment} remembers no promotion of ${service}` };
  }
  return { kind: 'known', admission, ...targetOf(zone, record, guarded) };
}

/** What the zone remembers counts; where it remembers nothing, or something else of the same promotion, what the guardian was told. */
function targetOf(
  { environment }: Zone,
  record: PromotionRecord | undefined,
  told: Guarded | undefined,
): { readonly target: Target; readonly seen: readonly Seen[] } {
  const isForged =
    record !== undefined && record.workflowId === told?.workflowId && record.image.digest !== told.digest;
  if (record !== undefined && !isForged) return { target: record, seen: [] };
  const { version = '', digest = '', since = '', workflowId = '', requestedBy = '' } = told ?? {};
  const got = record === undefined ? 'nothing' : record.image.digest;
  const seen = recordFinding(`what ${environment} remembers of ${version}`, digest, got);
  return { target: { version, since, workflowId, requestedBy, objects: [], image: { digest } }, seen: [seen] };
}

interface Part {
  readonly name: string;
  readonly about: readonly FindingAbout[];
}

/** What was known of a part that cannot be looked at stays known. */
async function lookAt(
  part: Part,
  look: () => Promise<readonly Seen[]>,
  known: readonly Finding[],
): Promise<readonly Seen[]> {
  try {
    return await look();
  } catch (error) {
    const before = known.filter(({ about }) => part.about.includes(about));
    return [...before, blindFinding(part.name, asRefusal(error))];
  }
}

function away({ now }: Zone, said: string): Answer<'away'> {
  return { kind: 'away', at: now().toISOString(), said };
}

/** Without its memory a zone does not know what to look for. */
function blind(zone: Zone, request: LookRequest, rules: GuardedRules, seen: Seen): Look | Promise<Look> {
  const { guarded, known } = request;
  if (guarded === undefined) return away(zone, seen.message);
  const before = known.filter(({ about }) => about !== 'blind');
  const { digest } = guarded;
  return told(zone, request, rules, {
    target: { ...guarded, objects: [], image: { digest } },
    seen: [...before, seen],
  });
}

async function told(
  zone: Zone,
  { service, known }: LookRequest,
  { service: { repository }, guardian }: GuardedRules,
  { target, seen, namespace }: { readonly target: Target; readonly seen: readonly Seen[]; readonly namespace?: string },
): Promise<Look> {
  const at = zone.now().toISOString();
  const findings = datedFindings(seen, known, at);
  const isHeld = findings.length > 0 && namespace !== undefined && (await isHeldThere(zone, namespace, service));
  const { version, since, workflowId, requestedBy, image } = target;
  return {
    kind: 'seen',
    ...{ at, repository, findings },
    guarded: { version, digest: image.digest, since, workflowId, requestedBy },
    ...wantedFor(findings, guardian.onDrift, isHeld),
  };
}

/** Where nobody can tell, it is not: a second hold takes the place of the first, and a roll-back asks the zone once more. */
async function isHeldThere(zone: Zone, namespace: string, service: string): Promise<boolean> {
  const known = await readRestraints(zone, namespace, service).catch(() => undefined);
  return restraintsOn(known ?? [], service, zone.now().getTime()).some((one) => one.kind === 'hold');
}
