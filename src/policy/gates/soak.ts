import type { GateFacts, GateVerdict, RunningVersion, Soaked, SoakGate } from '../../domain/gate.ts';
import { no, wait, yes } from './verdict.ts';
import { MINUTE, sayTime } from './zoned-time.ts';

/** An environment that could not be asked is asked again then. */
const AGAIN_MS = 5 * MINUTE;

/** Whether the environment has run exactly this image, by digest, for long enough, and has not taken it away since. */
export function judgeSoak(rule: SoakGate, facts: GateFacts): GateVerdict {
  const said = facts.soaked?.find((one) => one.environment === rule.in);
  if (said?.unknown !== undefined) {
    return wait(rule, `could not find out what ${rule.in} runs: ${said.unknown}`, Date.parse(facts.at) + AGAIN_MS);
  }
  const there = facts.running.find((one) => one.environment === rule.in);
  if (said?.rolledBackAt !== undefined) return rolledBack(rule, facts, said.rolledBackAt, there);
  if (there === undefined)
    return wait(rule, `nothing is known to run in ${rule.in}: the image has to be healthy there`);
  if (there.digest !== facts.digest) return replaced(rule, facts, there, said);
  const since = Date.parse(there.since);
  if (Number.isNaN(since)) return wait(rule, `since when ${rule.in} runs this image cannot be read: "${there.since}"`);
  const end = since + rule.forMs;
  if (Date.parse(facts.at) >= end) return yes(rule, `healthy for at least ${asked(rule)}, since ${there.since}`);
  return wait(rule, `healthy since ${there.since}; asked are ${asked(rule)}, over at ${sayTime(end, 'UTC')}`, end);
}

function rolledBack(
  rule: SoakGate,
  { version }: GateFacts,
  at: string,
  there: RunningVersion | undefined,
): GateVerdict {
  const runs = there === undefined ? `nothing is known to run in ${rule.in}` : `${rule.in} runs ${nameOf(there)}`;
  return no(rule, `${runs}: ${version} was rolled back there at ${at}`, {
    expected: `${version} healthy in ${rule.in} for ${rule.forMs / 1_000} s`,
    got: `rolled back at ${at}`,
    remedy: 'release a version that mends it',
  });
}

/** What ran there for as long as it had to, and was followed by something newer, has been healthy there all the same. */
function replaced(rule: SoakGate, facts: GateFacts, there: RunningVersion, said: Soaked | undefined): GateVerdict {
  const { since, followedAt } = said ?? {};
  if (since !== undefined && followedAt !== undefined && Date.parse(followedAt) - Date.parse(since) >= rule.forMs) {
    return yes(rule, `healthy for at least ${asked(rule)}, from ${since} until ${nameOf(there)} followed`);
  }
  return no(rule, `${rule.in} runs ${nameOf(there)}, another image: this one cannot soak there any more`, {
    expected: facts.digest,
    got: there.digest,
    remedy: `bring this image into ${rule.in} again under a new version, or release what runs there`,
  });
}

function asked({ in: where, forMs }: SoakGate): string {
  return `${forMs / 1_000} s in ${where}`;
}

function nameOf({ version, since }: RunningVersion): string {
  return `${version} since ${since}`;
}
