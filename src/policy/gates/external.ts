import type { ExternalGate, GateFacts, GateVerdict } from '../../domain/gate.ts';
import { no, wait, yes } from './verdict.ts';
import { MINUTE } from './zoned-time.ts';

/** Sooner than this nobody is asked again: whoever answers does not decide how busy the engine is. */
const AGAIN_MS = 15 * MINUTE;

/** Somebody outside says yes. Whatever else comes back, or nothing, keeps it closed. */
export function judgeExternal(rule: ExternalGate, { at, external = [] }: GateFacts): GateVerdict {
  const said = external.find((one) => one.gate === rule.name);
  const again = Date.parse(at) + AGAIN_MS;
  if (said === undefined) return wait(rule, `${hostOf(rule)} was not asked`, again);
  switch (said.answer) {
    case 'yes':
      return yes(rule, `${hostOf(rule)}: ${said.reason}`);
    case 'no':
      return no(rule, `${hostOf(rule)}: ${said.reason}`, {
        expected: `a yes of ${hostOf(rule)}`,
        got: 'no',
        remedy: 'do what it asks for, then start a new version',
      });
    case 'wait':
      return wait(rule, `${hostOf(rule)}: ${said.reason}`, Math.max(timeOf(said.until) ?? again, again));
    case 'unknown':
      return wait(rule, `could not find out: ${said.reason}`, again);
  }
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Who is asked, without the rest of the address. */
function hostOf({ url }: ExternalGate): string {
  return URL.canParse(url) ? new URL(url).host : 'nobody';
}
