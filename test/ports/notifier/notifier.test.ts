import { createMemoryNotifier } from '../../../src/adapters/notifier/memory.ts';
import { createWebhookNotifier } from '../../../src/adapters/notifier/webhook/create-webhook-notifier.ts';
import type { SluiceEvent } from '../../../src/domain/notification.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { deadAddress, openInbox } from '../../support/events.ts';
import { notifierSuite } from './notifier-suite.ts';

const NAMES = { well: 'well', refusing: 'refusing', away: 'away' };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

notifierSuite('in memory', async () => {
  const codes: Readonly<Record<string, PortError>> = {
    refusing: new PortError('notification-refused', 'no', { retry: 'no' }),
    away: new PortError('notification-unreachable', 'away', { retry: 'yes' }),
  };
  const { notifier, told } = createMemoryNotifier(Object.values(NAMES), (receiver) => codes[receiver]);
  return { notifier, ...NAMES, arrived: () => told.map((one) => one.event), close: async () => undefined };
});

notifierSuite('webhook', async () => {
  const well = await openInbox();
  const refusing = await openInbox(() => 410);
  const addresses = { well: well.url, refusing: refusing.url, away: await deadAddress() };
  const receivers = Object.entries(addresses).map(([name, url]) => ({
    name,
    format: 'cloudevents' as const,
    address: { kind: 'url' as const, url },
    secret: { kind: 'variable' as const, name: 'SECRET' },
  }));
  return {
    notifier: createWebhookNotifier(receivers, { readSecret: () => SECRET }),
    ...NAMES,
    arrived: () => well.received.map(({ body }) => JSON.parse(body) as SluiceEvent),
    close: async () => {
      await Promise.all([well.close(), refusing.close()]);
    },
  };
});
