/**
 * When a planned release could enter each environment: the zones say what runs there, the environments' desks what restrains them
 * and who comes first, sluice.yaml says the rules.
 */
import type { Config } from '../config/config.ts';
import type { EnvironmentStatus } from '../contract/environment-workflow.ts';
import type { ForecastResult } from '../contract/release-workflow.ts';
import { type Priority, waitingFor } from '../domain/turns.ts';
import { foresee, type Foreseen, gatesOf, type Leg } from '../policy/gates/index.ts';
import type { ReleaseWish } from './prepare-release.ts';

export interface Foresight {
  /** ISO 8601: when the release would start. */
  readonly at: string;
  /** Environments whose workers have other rules than this sluice.yaml: what is said of them is said by this file. */
  readonly otherRules: readonly string[];
  readonly environments: readonly Foreseen[];
}

export interface Start {
  readonly at: Date;
  readonly requestedBy: string;
  readonly digest: string;
  /** What the environments know of stops, holds and turns; one that is not among them has none. */
  readonly desks: readonly EnvironmentStatus[];
}

export function foresightOf(
  { rulebook }: Config,
  { service, version, ticket, allowOlder, priority = 'normal' }: ReleaseWish,
  { promotions }: ForecastResult,
  { at, requestedBy, digest, desks }: Start,
): Foresight {
  const legs = promotions.map(({ environment, answer }): Leg => {
    const rules = rulebook.environments[environment];
    const desk = desks.find((one) => one.environment === environment);
    const leg: Leg = {
      environment,
      gates: rules === undefined ? [] : gatesOf(rules),
      ...(rules?.approval === undefined ? {} : { approval: rules.approval }),
      ...(desk === undefined
        ? {}
        : { restraints: desk.restraints, ...queueOf(desk, { service, version, priority }, at.getTime()) }),
    };
    if (!answer.ok) return { ...leg, refusal: answer.refusal };
    const { current } = answer.baseline;
    if (current === undefined) return leg;
    const running = { environment, version: current.version, digest: current.image.digest, since: current.since };
    return { ...leg, running };
  });
  const traveller = {
    ...{ at: at.toISOString(), service, version, digest, requestedBy },
    ...(ticket === undefined ? {} : { ticket }),
    allowOlder: allowOlder ?? false,
  };
  const otherRules = promotions.flatMap(({ environment, answer }) =>
    answer.ok && answer.plan.policyVersion !== rulebook.policyVersion ? [environment] : [],
  );
  return { at: traveller.at, otherRules, environments: foresee(legs, traveller) };
}

/** Behind whoever changes the service there now and all who wait for that already; guessed from how long it took before. */
function queueOf(
  { turns, typicalMs }: EnvironmentStatus,
  { service, version, priority }: { readonly service: string; readonly version: string; readonly priority: Priority },
  nowMs: number,
): Pick<Leg, 'queue'> {
  const holder = turns.held.find((one) => one.service === service && one.version !== version);
  if (holder === undefined || typicalMs === undefined) return {};
  const line = waitingFor(turns, service);
  const own = line.findIndex((one) => one.version === version);
  // hot-fixes go before others, and before it as well
  const first = line.filter((one) => priority === 'normal' || one.priority === priority);
  const before = own === -1 ? first.length : own;
  const expectedMs = Math.max(Date.parse(holder.since) + typicalMs, nowMs) + before * typicalMs;
  return { queue: { expectedAt: new Date(expectedMs).toISOString() } };
}
