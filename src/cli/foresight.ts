/** When a planned release could enter each environment: the zones say what runs there, sluice.yaml says the rules. */
import type { Config } from '../config/config.ts';
import type { ForecastResult } from '../contract/release-workflow.ts';
import { foresee, type Foreseen, type Leg } from '../policy/gates/index.ts';
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
}

export function foresightOf(
  { rulebook }: Config,
  { service, version, ticket, allowOlder }: ReleaseWish,
  { promotions }: ForecastResult,
  { at, requestedBy, digest }: Start,
): Foresight {
  const legs = promotions.map(({ environment, answer }): Leg => {
    const { gates = [], approval } = rulebook.environments[environment] ?? {};
    const rules = { environment, gates, ...(approval === undefined ? {} : { approval }) };
    if (!answer.ok) return { ...rules, refusal: answer.refusal };
    const { current } = answer.baseline;
    if (current === undefined) return rules;
    const running = { environment, version: current.version, digest: current.image.digest, since: current.since };
    return { ...rules, running };
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
