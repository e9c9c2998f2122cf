import type { GateFacts, GateVerdict, SoakGate } from '../../domain/gate.ts';
import { no, wait, yes } from './verdict.ts';
import { sayTime } from './zoned-time.ts';

/** Whether the environment has run exactly this image, by digest, for long enough. */
export function judgeSoak(rule: SoakGate, facts: GateFacts): GateVerdict {
  const there = facts.running.find((one) => one.environment === rule.in);
  if (there === undefined)
    return wait(rule, `nothing is known to run in ${rule.in}: the image has to be healthy there`);
  if (there.digest !== facts.digest) {
    return no(rule, `${rule.in} runs ${there.version}, another image: this one cannot soak there any more`, {
      expected: facts.digest,
      got: there.digest,
      remedy: `bring this image into ${rule.in} again under a new version, or release what runs there`,
    });
  }
  const since = Date.parse(there.since);
  if (Number.isNaN(since)) return wait(rule, `since when ${rule.in} runs this image cannot be read: "${there.since}"`);
  const end = since + rule.forMs;
  const asked = `${rule.forMs / 1_000} s in ${rule.in}`;
  if (Date.parse(facts.at) >= end) return yes(rule, `healthy for at least ${asked}, since ${there.since}`);
  return wait(rule, `healthy since ${there.since}; asked are ${asked}, over at ${sayTime(end, 'UTC')}`, end);
}
