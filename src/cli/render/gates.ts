import type { GateVerdict } from '../../domain/gate.ts';
import type { Paint, Style } from '../terminal.ts';
import type { GateTrial } from '../test-gates.ts';
import { table } from './table.ts';

const STYLES: Readonly<Record<GateVerdict['answer'], Style>> = { yes: 'green', wait: 'yellow', no: 'red' };

export function renderGates({ facts, verdicts, admission, opening }: GateTrial, paint: Paint): string {
  const about = `${facts.service} ${facts.version} into ${facts.environment} at ${facts.at}`;
  const rows = verdicts.map((one) => [one.answer, one.gate, one.until ?? '', one.reason]);
  const [head = '', ...lines] = table(['answer', 'gate', 'until', 'reason'], rows);
  const painted = lines.map((line, index) => paint(STYLES[verdicts[index]?.answer ?? 'no'], line));
  return [about, paint('dim', head), ...painted, conclusion(admission, opening)].join('\n');
}

function conclusion(admission: GateTrial['admission'], opening: GateTrial['opening']): string {
  if (admission.answer === 'yes') return 'it may enter';
  const gates = admission.gates.join(', ');
  if (admission.answer === 'no') return `refused by ${gates}`;
  const least = admission.until === undefined ? '' : `, at least until ${admission.until}`;
  return `it waits for ${gates}${least}${inTheEnd(opening, admission.until)}`;
}

/** What comes after that wait, unless it is the last one. */
function inTheEnd(opening: GateTrial['opening'], until: string | undefined): string {
  if (opening.answer === 'refused') return `; refused then by ${opening.refusal.message}`;
  if (opening.answer === 'never') return `; no time up to ${opening.at} at which all are open`;
  if (opening.answer === 'event')
    return until === undefined ? '' : `; then for ${opening.holds.at(-1)?.gates.join(', ')}`;
  const condition = opening.assumed === undefined ? '' : `, if ${opening.assumed.join(', ')} of outside says yes`;
  return opening.at === until ? `; then it may enter${condition}` : `; it may enter at ${opening.at}${condition}`;
}
