/** Whether a gate is met, by the facts alone. Pure; one answer for each environment that a gate is about. */
import { describeRestraint, restraintsOn } from '../domain/restraint.ts';
import type { Arrived, Facts, Known, Place } from './facts.ts';
import type { Gate, GateKind } from './gate.ts';
import { type Migration, type MigratingService, servicesIn, type SignOff, sinceOf, type Wave } from './migration.ts';
import { isAtLeast, type Target } from './states.ts';

export interface Verdict {
  readonly gate: GateKind | 'service';
  readonly environment?: string;
  /** `unknown`: nobody could tell, which is no yes. */
  readonly answer: 'met' | 'unmet' | 'unknown';
  readonly why: string;
  readonly remedy?: string;
}

const DAY_MS = 86_400_000;

interface Asked {
  readonly migration: Migration;
  readonly service: MigratingService;
  readonly to: Target;
  readonly facts: Facts;
}

/** All gates before the next state of a service, every answer of each. */
export function judgeService(asked: Asked): readonly Verdict[] {
  const { migration, service, to, facts } = asked;
  const known: readonly Verdict[] =
    facts.path.length > 0
      ? []
      : [
          {
            gate: 'service',
            answer: 'unmet',
            why: `${service.name} is not in sluice.yaml yet`,
            remedy: 'write it there, with its manifests; "sluice adopt" looks at what runs and says what is missing',
          },
        ];
  const wave = migration.waves.find(({ name }) => name === service.wave);
  const opening = service.state === 'legacy' && wave !== undefined ? judgeWave(migration, wave, facts.nowMs) : [];
  return [...known, ...opening, ...service.gates[to].flatMap((gate) => judgeGate(gate, asked))];
}

/** Whether services of a wave may leave legacy. */
export function judgeWave(migration: Migration, wave: Wave, nowMs: number): readonly Verdict[] {
  return wave.gates.flatMap((gate): readonly Verdict[] => {
    if (gate.kind === 'wave') return [ofOtherWave(gate, migration, nowMs)];
    if (gate.kind !== 'sign-off') return [];
    const place = `waves: ${wave.name}: signOffs: [{ by: …, at: … }]`;
    return [ofSignOff(gate, wave.signOffs, { place, what: `wave ${wave.name}`, nowMs })];
  });
}

function judgeGate(gate: Gate, asked: Asked): readonly Verdict[] {
  const { service, to, facts, migration } = asked;
  switch (gate.kind) {
    case 'wave':
      return [ofOtherWave(gate, migration, facts.nowMs)];
    case 'sign-off': {
      const place = `services: ${service.name}: signOffs: [{ for: ${to}, by: …, at: … }]`;
      const own = service.signOffs.filter((one) => one.for === to);
      const about = { place, what: `"${to}"`, nowMs: facts.nowMs, since: sinceOf(service) };
      return [ofSignOff(gate, own, about)];
    }
    default:
      return (gate.environments ?? facts.path).map((environment) => inEnvironment(gate, environment, asked));
  }
}

function inEnvironment(
  gate: Exclude<Gate, { kind: 'wave' | 'sign-off' }>,
  environment: string,
  { service, facts }: Asked,
): Verdict {
  const since = Date.parse(sinceOf(service) ?? '') || 0;
  const said = (answer: Verdict['answer'], why: string, remedy?: string): Verdict => ({
    ...{ gate: gate.kind, environment, answer, why: `${environment}: ${why}` },
    ...(remedy === undefined || answer === 'met' ? {} : { remedy }),
  });
  switch (gate.kind) {
    case 'comparisons':
      return ofComparisons(gate, { environment, service: service.name, since, facts, said });
    case 'rehearsal':
      return ofRehearsal(gate, { environment, service: service.name, since, facts, said });
    case 'adopted':
      return fromPlace(facts.places[environment], said, ({ running }) =>
        running === undefined
          ? said(
              'unmet',
              'Sluice has nothing on record that runs there',
              `sluice adopt ${service.name} --environment ${environment}`,
            )
          : said('met', `${running.version} is on record there`),
      );
    case 'unrestrained':
      return fromPlace(facts.places[environment], said, ({ restraints }) => {
        const [first, ...more] = restraintsOn(restraints, service.name, facts.nowMs);
        if (first === undefined) return said('met', 'neither stopped nor held');
        const others = more.length === 0 ? '' : `, and ${more.length} more`;
        const end = first.kind === 'hold' ? `sluice hold lift ${service.name}` : 'sluice thaw';
        return said('unmet', describeRestraint(first) + others, `${end} --environment ${environment}`);
      });
    case 'releases':
      return fromPlace(facts.places[environment], said, ({ arrived }) => {
        const { count, broken } = inARow(arrived.filter(({ endedAtMs }) => endedAtMs >= since));
        const back = broken === undefined || count >= gate.last ? '' : `; before them ${wordsOf(broken)}`;
        const why = `${Math.min(count, gate.last)} of ${gate.last} releases in a row by Sluice arrived and stayed${back}`;
        return said(count >= gate.last ? 'met' : 'unmet', why, `release it: sluice start ${service.name} …`);
      });
  }
}

type Say = (answer: Verdict['answer'], why: string, remedy?: string) => Verdict;

interface About {
  readonly environment: string;
  readonly service: string;
  /** Milliseconds since 1970; what was before it belongs to an earlier attempt. */
  readonly since: number;
  readonly facts: Facts;
  readonly said: Say;
}

function fromPlace(place: Known<Place> | undefined, said: Say, judge: (place: Place) => Verdict): Verdict {
  if (place === undefined) return said('unknown', 'nobody has looked');
  return place.ok ? judge(place.value) : said('unknown', place.why, place.remedy);
}

function ofComparisons(
  { equal, withinMs }: Extract<Gate, { kind: 'comparisons' }>,
  { environment, service, since, facts, said }: About,
): Verdict {
  const earliest = Math.max(since, facts.nowMs - withinMs);
  const all = facts.comparisons
    .filter((one) => one.environment === environment && one.atMs >= earliest && one.atMs <= facts.nowMs)
    .toSorted((a, b) => b.atMs - a.atMs);
  const found = all.findIndex(({ answer }) => answer !== 'equal');
  const count = found === -1 ? all.length : found;
  const broken = all[found];
  const before =
    broken === undefined || count >= equal ? '' : `; before them "${broken.answer}" on ${dayOf(broken.atMs)}`;
  const why = `${Math.min(count, equal)} of ${equal} comparisons in a row were equal in the last ${daysOf(withinMs)}${before}`;
  const remedy = `keep what "sluice compare ${service} --environment ${environment} … --json" says after each deployment`;
  return said(count >= equal ? 'met' : 'unmet', why, remedy);
}

function ofRehearsal(
  { withinMs, forReal }: Extract<Gate, { kind: 'rehearsal' }>,
  { environment, service, facts, said }: About,
): Verdict {
  const mustGo = forReal ?? environment !== facts.path.at(-1);
  const newest = facts.rehearsals
    .filter((one) => one.environment === environment && one.atMs <= facts.nowMs && (one.forReal || !mustGo))
    .reduce<Facts['rehearsals'][number] | undefined>((a, b) => (a === undefined || b.atMs > a.atMs ? b : a), undefined);
  const go = mustGo ? ' --for-real --yes --reason …' : '';
  const remedy = `sluice rehearse rollback ${service} --environment ${environment}${go} --out FILE, in the folder of rehearsals`;
  const never = mustGo ? 'the way back was never gone for real' : 'nobody has looked whether the way back works';
  if (newest === undefined) return said('unmet', never, remedy);
  const on = dayOf(newest.atMs);
  if (!newest.ok) return said('unmet', `the last rehearsal of the way back, on ${on}, did not go well`, remedy);
  if (facts.nowMs - newest.atMs > withinMs)
    return said('unmet', `the last rehearsal of the way back, on ${on}, is older than ${daysOf(withinMs)}`, remedy);
  return said('met', `the way back was rehearsed on ${on}`);
}

/** What people or a gate kept out says nothing about Sluice; what was undone, taken back, or ended without an outcome does. */
const SAYS_NOTHING: readonly string[] = ['refused', 'aborted', 'superseded'];

function inARow(arrived: readonly Arrived[]): { readonly count: number; readonly broken?: Arrived } {
  const telling = arrived
    .filter(({ outcome, isRollback }) => isRollback || !SAYS_NOTHING.includes(outcome ?? ''))
    .toSorted((a, b) => b.endedAtMs - a.endedAtMs);
  const found = telling.findIndex(({ outcome, isRollback }) => isRollback || outcome !== 'released');
  const broken = telling[found];
  return { count: found === -1 ? telling.length : found, ...(broken === undefined ? {} : { broken }) };
}

function wordsOf({ version, outcome, isRollback, endedAtMs }: Arrived): string {
  const how = isRollback ? 'a roll-back brought back' : outcome === 'rolled-back' ? 'was undone:' : 'did not end well:';
  return `${how} ${version} on ${dayOf(endedAtMs)}`;
}

function ofOtherWave(gate: Extract<Gate, { kind: 'wave' }>, migration: Migration, nowMs: number): Verdict {
  const { name, state, forMs = 0 } = gate;
  const behind = servicesIn(migration, name).filter((one) => !isAtLeast(one.state, state));
  const young = servicesIn(migration, name).filter(
    (one) => !behind.includes(one) && nowMs - reachedAt(one, state) < forMs,
  );
  const reasons = [
    ...behind.map((one) => `${one.name} is ${one.state}`),
    ...young.map((one) => `${one.name} only since ${dayOf(reachedAt(one, state))}`),
  ];
  const wanted = `wave ${name} at least ${state}${forMs === 0 ? '' : ` for ${daysOf(forMs)}`}`;
  if (reasons.length === 0) return { gate: 'wave', answer: 'met', why: wanted };
  const remedy = behind.length === 0 ? 'wait' : `sluice migration status --wave ${name}`;
  return { gate: 'wave', answer: 'unmet', why: `${wanted}: ${reasons.join(', ')}`, remedy };
}

/** Milliseconds since 1970: since when it has been that far without interruption; 0: as long as anybody has written down. */
function reachedAt({ history }: MigratingService, state: Target | string): number {
  const lastBehind = history.findLastIndex(({ from }) => !isAtLeast(from, state as Target));
  return lastBehind === -1 ? 0 : Date.parse(history[lastBehind]?.at ?? '') || 0;
}

function ofSignOff(
  { by }: Extract<Gate, { kind: 'sign-off' }>,
  signOffs: readonly SignOff[],
  about: { readonly place: string; readonly what: string; readonly nowMs: number; readonly since?: string | undefined },
): Verdict {
  const since = Date.parse(about.since ?? '') || 0;
  const counts = signOffs.filter((one) => by === undefined || by.includes(one.by));
  const good = counts.find((one) => lastMomentOf(one.at) >= since && Date.parse(one.at) <= about.nowMs);
  if (good !== undefined) return { gate: 'sign-off', answer: 'met', why: `${good.by} has signed off ${about.what}` };
  const who = by === undefined ? 'nobody' : `none of ${by.join(', ')}`;
  const old =
    counts[0] === undefined
      ? ''
      : `; what ${counts[0].by} signed on ${counts[0].at} is of an earlier attempt, or of the future`;
  const why = `${who} has signed off ${about.what}${old}`;
  return { gate: 'sign-off', answer: 'unmet', why, remedy: `by pull request: ${about.place}` };
}

/** A day is signed for until it is over. */
function lastMomentOf(at: string): number {
  return Date.parse(at) + (at.length === 10 ? DAY_MS - 1 : 0);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function daysOf(ms: number): string {
  const days = ms / DAY_MS;
  if (days >= 1) return days === 1 ? '1 day' : `${Math.round(days * 10) / 10} days`;
  return `${Math.round(ms / 3_600_000)} hours`;
}
