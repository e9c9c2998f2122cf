/** Written receivers → what they hear (rules) and how they are reached (connections). */
import type { ReceiverRule } from '../domain/rulebook.ts';
import type { ReceiverConnection } from './config.ts';
import { NOTIFICATION } from './defaults.ts';
import { secretReference } from './normalise-secret.ts';
import type { WrittenNotification } from './written-notifications.ts';

export function receiverRule({ name, environments, services, on }: WrittenNotification): ReceiverRule {
  return {
    receiver: name,
    ...(environments === undefined ? {} : { environments }),
    ...(services === undefined ? {} : { services }),
    ...(on === undefined ? {} : { on }),
  };
}

export function receiverConnection(
  { name, url = '', urlFrom, format, secretFrom }: WrittenNotification,
  at: (path: string) => string,
): ReceiverConnection {
  return {
    name,
    format: format ?? NOTIFICATION.format,
    address: urlFrom === undefined ? { kind: 'url', url } : secretReference(urlFrom, at),
    ...(secretFrom === undefined ? {} : { secret: secretReference(secretFrom, at) }),
  };
}
