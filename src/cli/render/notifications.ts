import type { NotificationTrial } from '../test-notifications.ts';
import type { Paint } from '../terminal.ts';
import { table } from './table.ts';

export function renderNotifications({ event, trials }: NotificationTrial, paint: Paint): string {
  const rows = trials.map((one) => [
    one.delivered ? 'arrived' : 'not arrived',
    one.receiver,
    one.delivered ? one.summary : `${one.refusal.message} (${one.refusal.code})`,
  ]);
  const [head = '', ...lines] = table(['answer', 'receiver', 'what came back'], rows);
  const painted = lines.map((line, index) => paint(trials[index]?.delivered === true ? 'green' : 'red', line));
  const remedies = trials.flatMap((one) =>
    one.delivered || one.refusal.remedy === undefined ? [] : [`to do (${one.receiver}): ${one.refusal.remedy}`],
  );
  return [`event ${event.id}`, paint('dim', head), ...painted, ...new Set(remedies)].join('\n');
}
