/** `sluice gates test`: the gates of one environment, asked about facts of the caller's choice. Connects only whom it is told to ask. */
import { serviceOf } from './prepare-release.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { GateFacts, GateVerdict } from '../domain/gate.ts';
import { admits, firstOpening, gatesOf, judgeGates, type Opening, type Ruling } from '../policy/gates/index.ts';
import type { ExternalChecks } from '../ports/external-checks.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

export interface GateTrial {
  readonly facts: GateFacts;
  readonly verdicts: readonly GateVerdict[];
  readonly admission: Ruling;
  /** When they would let it in, if nothing else changes. */
  readonly opening: Opening;
}

/** Throws `service-unknown` and `environment-unknown`. */
export function testGates(config: Config, facts: GateFacts): GateTrial {
  const service = serviceOf(config, facts.service);
  for (const name of [facts.environment, ...facts.running.map((one) => one.environment)]) {
    assertOnPath(service.name, service.path, name);
  }
  const environment = config.rulebook.environments[facts.environment];
  const rules = environment === undefined ? [] : gatesOf(environment);
  const verdicts = judgeGates(rules, facts);
  return { facts, verdicts, admission: admits(verdicts), opening: firstOpening(rules, facts) };
}

/** The facts with what everybody outside says to them now, for the external gates of the environment. */
export async function askOutside(config: Config, facts: GateFacts, checks: ExternalChecks): Promise<GateFacts> {
  const rules = config.rulebook.environments[facts.environment]?.gates ?? [];
  const external = rules.filter((rule) => rule.kind === 'external');
  return { ...facts, external: await Promise.all(external.map((rule) => checks.ask(rule.name, facts))) };
}

/** A closed gate is a refusal; one that waits is a wait that nobody waited for. */
export function exitOfTrial({ admission }: GateTrial): ExitCode {
  const exits = { yes: EXIT.ok, wait: EXIT.waiting, no: EXIT.refused } as const;
  return exits[admission.answer];
}

/** Throws `environment-unknown`. */
export function assertOnPath(service: string, path: readonly string[], name: string): void {
  if (path.includes(name)) return;
  throw new ReleaseEngineError('environment-unknown', `${service} does not pass "${name}"${didYouMean(name, path)}`, {
    expected: path.join(' → '),
    got: name,
  });
}
