/** Who hears of a release of this service. Asked once, when it starts, so that its workflows only look it up. */
import type { Interest } from '../domain/notification.ts';
import type { Rulebook } from '../domain/rulebook.ts';

export function interestsIn(service: string, { receivers = [] }: Rulebook): readonly Interest[] {
  return receivers
    .filter(({ services }) => services?.includes(service) ?? true)
    .map(({ services: _, ...interest }) => interest);
}
