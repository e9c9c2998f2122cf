/** One state on, for one service or for those of a wave that are furthest behind: all of them, or none. */
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { formatProblem } from '../../config/config-error.ts';
import type { Problem } from '../../domain/error-code.ts';
import type { Facts } from '../../migration/facts.ts';
import { judgeService, type Verdict } from '../../migration/judge.ts';
import { type MigratingService, servicesIn } from '../../migration/migration.ts';
import { furthestBehind } from '../../migration/overview.ts';
import { MEANING, nextOf, type State, type Target } from '../../migration/states.ts';
import { type FactsOf, gatherFacts } from './gather.ts';
import { draftOf, HELD_BY_REVERT, type Place, takeEffect, type Written } from './moving.ts';
import { assertWave, type Opened, serviceOf } from './opened.ts';

export interface AdvanceRequest {
  readonly service?: string;
  readonly wave?: string;
  readonly reason?: string;
  readonly dryRun: boolean;
  /** Releases that a revert's hold keeps waiting go in when it is lifted. */
  readonly letWaitingIn: boolean;
}

export interface Moved {
  readonly service: string;
  readonly owner: string;
  readonly from: State;
  readonly to: Target;
  readonly deploys: 'legacy' | 'Sluice';
  readonly todo: string;
}

export interface Advance extends Written {
  readonly dryRun: boolean;
  readonly moved: readonly Moved[];
  /** What was said to environments, or would be. */
  readonly said: readonly string[];
}

interface Step {
  readonly service: MigratingService;
  readonly to: Target;
}

/** Throws `migration-not-ready` with everything that is not met, and changes nothing then. */
export async function advance(opened: Opened, request: AdvanceRequest): Promise<Advance> {
  const steps = stepsFor(chosen(opened, request));
  const factsOf = await gatherFacts(
    opened,
    steps.map(({ service }) => service),
  );
  assertReady(opened, steps, factsOf, request);
  const draft = await draftOf(opened, steps, request.reason);
  const places = steps.flatMap(({ service }) => heldByRevert(service, factsOf(service)));
  const said = request.dryRun
    ? places.map(({ service, environment }) => `would lift the hold on ${service} in ${environment}`)
    : await takeEffect(draft, places, async (client, place) => (await client.liftHold(place)).message);
  const moved = steps.map(({ service: { name, owner, state }, to }) => {
    const { deploys, todo } = MEANING[to];
    return { service: name, owner, from: state, to, deploys, todo };
  });
  return { file: draft.file, diff: draft.diff, dryRun: request.dryRun, moved, said };
}

function chosen({ migration }: Opened, { service, wave = '' }: AdvanceRequest): readonly MigratingService[] {
  if (service !== undefined) return [serviceOf(migration, service)];
  assertWave(migration, wave);
  const all = servicesIn(migration, wave);
  const behind = furthestBehind(all);
  if (behind.length > 0) return behind;
  const back = all.filter(({ state }) => state === 'reverted').map(({ name }) => name);
  throw notReady([
    {
      where: `wave ${wave}`,
      message:
        back.length === 0 ? 'everything in it is done' : `what is not done went back to legacy: ${back.join(', ')}`,
      ...(back.length === 0 ? {} : { remedy: 'who went back is named: sluice migration advance SERVICE' }),
    },
  ]);
}

function stepsFor(services: readonly MigratingService[]): readonly Step[] {
  return services.map((service) => {
    const to = nextOf(service.state);
    if (to !== undefined) return { service, to };
    throw notReady([{ where: service.name, message: `it is ${service.state}: there is nothing after that` }]);
  });
}

function assertReady(
  { migration }: Opened,
  steps: readonly Step[],
  factsOf: FactsOf,
  { letWaitingIn }: AdvanceRequest,
): void {
  const problems = steps.flatMap(({ service, to }): readonly Problem[] => {
    const facts = factsOf(service);
    const verdicts = judgeService({ migration, service, to, facts }).filter(({ answer }) => answer !== 'met');
    return [
      ...verdicts.map((one) => problemOf(service, to, one)),
      ...(service.state === 'reverted' && !letWaitingIn ? waitingBehindHold(service, to, facts) : []),
    ];
  });
  if (problems.length > 0) throw notReady(problems);
}

function problemOf({ name }: MigratingService, to: Target, { gate, why, remedy }: Verdict): Problem {
  return { where: `${name} → ${to}: ${gate}`, message: why, ...(remedy === undefined ? {} : { remedy }) };
}

/** They would go in over what legacy has deployed in the moment in which the hold is lifted. */
function waitingBehindHold({ name }: MigratingService, to: Target, { path, places }: Facts): readonly Problem[] {
  const where = `${name} → ${to}: hold`;
  return path.flatMap((environment): readonly Problem[] => {
    const place = places[environment];
    if (place?.ok !== true) return [{ where, message: `${environment}: ${place?.why ?? 'nobody has looked'}` }];
    return place.value.entering.map((version) => ({
      where,
      message: `${environment}: ${version} waits, and would go in over what legacy has deployed when the hold is lifted`,
      remedy: `sluice abort ${name} ${version}; or let it in with --let-waiting-in`,
    }));
  });
}

function heldByRevert({ name, state }: MigratingService, { path, places }: Facts): readonly Place[] {
  if (state !== 'reverted') return [];
  return path.flatMap((environment) => {
    const place = places[environment];
    const isOurs = (reason: string): boolean => reason.startsWith(HELD_BY_REVERT);
    const held =
      place?.ok === true &&
      place.value.restraints.some((one) => one.kind === 'hold' && one.service === name && isOurs(one.reason));
    return held ? [{ service: name, environment }] : [];
  });
}

function notReady(problems: readonly Problem[]): ReleaseEngineError {
  return new ReleaseEngineError('migration-not-ready', problems.map(formatProblem).join('\n'), {
    problems,
    remedy: 'Nothing was changed. "sluice migration status" shows what is met and what is not.',
  });
}
