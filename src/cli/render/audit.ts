/** The trail for people: one line for each deed, and the gaps below. */
import type { Audit } from '../../client/index.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';
import { formatTime } from './time.ts';

const COLUMNS = ['when', 'who', 'proof', 'what', 'to what', 'why'];

export function renderAudit({ entries, gaps, histories }: Audit, paint: Paint): string {
  const rows = entries.map(({ at, who, proof, what, service, version, environment, why }) => [
    formatTime(at),
    who,
    proof ?? '',
    what,
    [service, version, environment].filter((one) => one !== undefined).join(' '),
    why ?? '',
  ]);
  const [head = '', ...lines] = table(COLUMNS, rows);
  const list = entries.length === 0 ? ['nothing'] : [paint('dim', head), ...lines];
  const found = gaps.map(({ gap, service, version, environment, says }) => {
    const where = [service, version, environment].filter((one) => one !== undefined).join(' ');
    return `  ${paint('red', '✗')} ${gap.padEnd(12)}  ${where}: ${says}`;
  });
  const gapLines = found.length === 0 ? [paint('green', 'no gap')] : [paint('bold', 'gaps'), ...found];
  return [...list, '', ...gapLines, paint('dim', `read from ${histories} histories`)].join('\n');
}
