/** Where every service stands, and what keeps it from going on. Pure. */
import { restraintsOn } from '../domain/restraint.ts';
import type { Facts } from './facts.ts';
import { judgeService, judgeWave, type Verdict } from './judge.ts';
import { type Migration, type MigratingService, servicesIn, sinceOf } from './migration.ts';
import { isAtLeast, MEANING, nextOf, type State, type Target } from './states.ts';

export interface ServiceView {
  readonly service: string;
  readonly owner: string;
  readonly wave: string;
  readonly state: State;
  /** ISO 8601; undefined: nobody has written it down. */
  readonly since?: string;
  readonly deploys: 'legacy' | 'Sluice';
  /** Undefined: there is nothing after its state. */
  readonly next?: Target;
  /** Gates of the next state, also those that are met. */
  readonly gates: readonly Verdict[];
  /** What its state promises, and is not so. */
  readonly broken: readonly Verdict[];
}

export interface WaveView {
  readonly wave: string;
  /** `closed`: none of its services may leave legacy yet; `done`: all of them are. */
  readonly state: 'closed' | 'open' | 'done';
  readonly gates: readonly Verdict[];
  readonly services: readonly ServiceView[];
}

export function overview(
  migration: Migration,
  factsOf: (service: MigratingService) => Facts,
  nowMs: number,
): readonly WaveView[] {
  return migration.waves.map((wave) => {
    const gates = judgeWave(migration, wave, nowMs);
    const services = servicesIn(migration, wave.name);
    return {
      wave: wave.name,
      state: stateOf(services, gates),
      gates,
      services: services.map((one) => viewOf(migration, one, factsOf(one))),
    };
  });
}

function stateOf(services: readonly MigratingService[], gates: readonly Verdict[]): WaveView['state'] {
  if (services.every(({ state }) => state === 'done')) return 'done';
  const isOpen = gates.every(({ answer }) => answer === 'met') || services.some(({ state }) => state !== 'legacy');
  return isOpen ? 'open' : 'closed';
}

function viewOf(migration: Migration, service: MigratingService, facts: Facts): ServiceView {
  const { name, owner, wave, state } = service;
  const [since, to] = [sinceOf(service), nextOf(state)];
  return {
    ...{ service: name, owner, wave, state, deploys: MEANING[state].deploys },
    ...(since === undefined ? {} : { since }),
    ...(to === undefined ? {} : { next: to }),
    gates: to === undefined ? [] : judgeService({ migration, service, to, facts }),
    broken: state === 'reverted' ? notHeld(service, facts) : [],
  };
}

/** Where Sluice could deploy over legacy. */
function notHeld({ name }: MigratingService, { path, places, nowMs }: Facts): readonly Verdict[] {
  return path.flatMap((environment): readonly Verdict[] => {
    const place = places[environment];
    const about = { gate: 'unrestrained', environment } as const;
    if (place?.ok !== true)
      return [{ ...about, answer: 'unknown', why: `${environment}: ${place?.why ?? 'nobody has looked'}` }];
    if (restraintsOn(place.value.restraints, name, nowMs).some(({ kind }) => kind === 'hold')) return [];
    const why = `${environment}: no hold keeps Sluice from deploying over legacy`;
    return [{ ...about, answer: 'unmet', why, remedy: `sluice migration revert ${name} --reason …` }];
  });
}

/** Of a wave those that are furthest behind go on together; those that went back wait for somebody who names them. */
export function furthestBehind(services: readonly MigratingService[]): readonly MigratingService[] {
  const onTheWay = services.filter(({ state }) => state !== 'done' && state !== 'reverted');
  return onTheWay.filter((one) => onTheWay.every((other) => isAtLeast(other.state, one.state)));
}
