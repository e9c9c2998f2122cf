/** Who hears of what. */
import { type EventData, type Interest, listeners } from '../domain/notification.ts';
import type { Rulebook } from '../domain/rulebook.ts';

/** Of a release of this service. Asked once, when it starts, so that its workflows only look it up. */
export function interestsIn(service: string, { receivers = [] }: Rulebook): readonly Interest[] {
  return receivers
    .filter(({ services }) => services?.includes(service) ?? true)
    .map(({ services: _, ...interest }) => interest);
}

/** Of a word about an environment: about every service it concerns also those who want to hear of one of them. */
export function listenersIn(
  { receivers = [] }: Pick<Rulebook, 'receivers'>,
  { event, environment, service }: Pick<EventData, 'event' | 'environment' | 'service'>,
): readonly string[] {
  if (event === 'test') return [];
  const concerned = receivers.filter(
    ({ services }) => services === undefined || service === undefined || services.includes(service),
  );
  return listeners(concerned, event, environment);
}
