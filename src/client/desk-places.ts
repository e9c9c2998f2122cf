/** The board with what the desks know of each place: what restrains it, who changes it, who waits. Pure. */
import type { EnvironmentStatus } from '../contract/environment-workflow.ts';
import { restraintsOn } from '../domain/restraint.ts';
import { waitingFor } from '../domain/turns.ts';
import type { BoardPlace, BoardRequest } from './board.ts';
import type { DeskReport } from './desks.ts';

/** Places of desks that did not answer stay as they are. `only`: what the places were asked for. */
export function withDesks(
  places: readonly BoardPlace[],
  { known }: DeskReport,
  nowMs: number,
  only: BoardRequest = {},
): readonly BoardPlace[] {
  const isThere = (service: string, environment: string): boolean =>
    places.some((one) => one.service === service && one.environment === environment);
  const more = known.flatMap((desk) =>
    servicesOf(desk)
      .filter((service) => (only.service ?? service) === service && !isThere(service, desk.environment))
      .map((service): BoardPlace => ({ service, environment: desk.environment, entering: [] })),
  );
  return [...places, ...more]
    .map((place) => {
      const desk = known.find((one) => one.environment === place.environment);
      return desk === undefined ? place : withDesk(place, desk, nowMs);
    })
    .toSorted((a, b) => a.service.localeCompare(b.service) || a.environment.localeCompare(b.environment));
}

/** The desks with what concerns this service alone; all of it unless one is given. */
export function desksOn({ known, unanswered }: DeskReport, service?: string): DeskReport {
  const concerns = (one: { readonly service?: string }): boolean =>
    service === undefined || one.service === undefined || one.service === service;
  return { known: known.map((desk) => ({ ...desk, restraints: desk.restraints.filter(concerns) })), unanswered };
}

function withDesk(place: BoardPlace, desk: EnvironmentStatus, nowMs: number): BoardPlace {
  const { restraints, turns } = desk;
  const holder = turns.held.find((one) => one.service === place.service);
  return {
    ...place,
    ...withPeople(place, desk),
    restraints: restraintsOn(restraints, place.service, nowMs),
    ...(holder === undefined ? {} : { changing: { version: holder.version, since: holder.since } }),
    queue: waitingFor(turns, place.service).map(({ version, askedAt }) => ({ version, since: askedAt })),
  };
}

/** Who brought what runs there, as the desk remembers it of every promotion that ended well. */
function withPeople({ service, running }: BoardPlace, desk: EnvironmentStatus): Pick<BoardPlace, 'running'> {
  const known = desk.running[service];
  if (running === undefined || running.requestedBy !== undefined || known?.version !== running.version) return {};
  const { digest, requestedBy, approvedBy } = known;
  return { running: { digest, ...running, requestedBy, approvedBy } };
}

/** Services that only the desk has heard of so far. */
function servicesOf({ restraints, turns }: EnvironmentStatus): readonly string[] {
  const named = [...restraints, ...turns.held, ...turns.queue].flatMap(({ service }) => service ?? []);
  return [...new Set(named)];
}
