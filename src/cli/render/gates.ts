import type { GateVerdict } from '../../domain/gate.ts';
import type { Paint, Style } from '../terminal.ts';
import type { GateTrial } from '../test-gates.ts';
import { table } from './table.ts';

const STYLES: Readonly<Record<GateVerdict['answer'], Style>> = { yes: 'green', wait: 'yellow', no: 'red' };

export function renderGates({ facts, verdicts, admission }: GateTrial, paint: Paint): string {
  const about = `${facts.service} ${facts.version} into ${facts.environment} at ${facts.at}`;
  const rows = verdicts.map((one) => [one.answer, one.gate, one.until ?? '', one.reason]);
  const [head = '', ...lines] = table(['answer', 'gate', 'until', 'reason'], rows);
  const painted = lines.map((line, index) => paint(STYLES[verdicts[index]?.answer ?? 'no'], line));
  return [about, paint('dim', head), ...painted, conclusion(admission)].join('\n');
}

function conclusion(admission: GateTrial['admission']): string {
  if (admission.answer === 'yes') return 'it may enter';
  const gates = admission.gates.join(', ');
  if (admission.answer === 'no') return `refused by ${gates}`;
  return `it waits for ${gates}${admission.until === undefined ? '' : `, at least until ${admission.until}`}`;
}
