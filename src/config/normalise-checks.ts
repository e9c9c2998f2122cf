/** Written external gates → whom they ask, and with which secret; the rule itself is in `normalise-gates.ts`. */
import type { CheckConnection } from './config.ts';
import { CHECK } from './defaults.ts';
import { msOf } from './duration.ts';
import { namesOf } from './normalise-gates.ts';
import { secretReference } from './normalise-secret.ts';
import type { WrittenGate } from './written-gates.ts';

export function checkConnections(
  written: readonly WrittenGate[],
  at: (path: string) => string,
): readonly CheckConnection[] {
  const names = namesOf(written);
  return written.flatMap((gate, index) => {
    if (!('external' in gate)) return [];
    const { url, secretFrom, timeout } = gate.external;
    return [
      {
        gate: names[index] ?? '',
        url,
        secret: secretReference(secretFrom, at),
        timeoutMs: msOf(timeout ?? CHECK.timeout),
      },
    ];
  });
}
