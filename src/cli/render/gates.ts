import type { GateVerdict } from '../../domain/gate.ts';
import type { Paint, Style } from '../terminal.ts';
import type { GateTrial } from '../test-gates.ts';
import { table } from './table.ts';
import { formatTime, withTimes } from './time.ts';

const STYLES: Readonly<Record<GateVerdict['answer'], Style>> = { yes: 'green', wait: 'yellow', no: 'red' };

export function renderGates({ facts, verdicts, admission, opening }: GateTrial, paint: Paint): string {
  const about = `${facts.service} ${facts.version} into ${facts.environment} at ${formatTime(facts.at)}`;
  const rows = verdicts.map((one) => [
    one.answer,
    one.gate,
    one.until === undefined ? '' : formatTime(one.until),
    withTimes(one.reason),
  ]);
  const [head = '', ...lines] = table(['answer', 'gate', 'until', 'reason'], rows);
  const painted = lines.map((line, index) => paint(STYLES[verdicts[index]?.answer ?? 'no'], line));
  return [about, paint('dim', head), ...painted, conclusion(admission, opening)].join('\n');
}

function conclusion(admission: GateTrial['admission'], opening: GateTrial['opening']): string {
  if (admission.answer === 'yes') return 'it may enter';
  const gates = admission.gates.join(', ');
  if (admission.answer === 'no') return `refused by ${gates}`;
  const { until } = admission;
  const least = until === undefined || isSooner(opening, until) ? '' : `, at least until ${formatTime(until)}`;
  return `it waits for ${gates}${least}${inTheEnd(opening, admission.until)}`;
}

/** Who was not asked outside may say yes as soon as they are. */
function isSooner({ answer, at }: GateTrial['opening'], until: string): boolean {
  return answer === 'open' && Date.parse(at) < Date.parse(until);
}

/** What comes after that wait, unless it is the last one. */
function inTheEnd(opening: GateTrial['opening'], until: string | undefined): string {
  if (opening.answer === 'refused') return `; refused then by ${withTimes(opening.refusal.message)}`;
  if (opening.answer === 'never') return `; no time up to ${formatTime(opening.at)} at which all are open`;
  if (opening.answer === 'event')
    return until === undefined ? '' : `; then for ${opening.holds.at(-1)?.gates.join(', ')}`;
  const condition = opening.assumed === undefined ? '' : `, if ${opening.assumed.join(', ')} of outside says yes`;
  return Date.parse(opening.at) === Date.parse(until ?? '')
    ? `; then it may enter${condition}`
    : `; it may enter at ${formatTime(opening.at)}${condition}`;
}
