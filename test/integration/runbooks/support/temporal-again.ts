/** The server once more: with the database that lies there, under the address that everybody knows. */
import { join } from 'node:path';
import type { Stack } from '../../../../local/stack/start-stack.ts';
import { startTemporal, type Temporal } from '../../../../local/temporal/start-temporal.ts';

export function temporalAgain({ dir, temporal }: Stack): Promise<Temporal> {
  const portOf = (host: string): number => Number(new URL(`http://${host}`).port);
  return startTemporal({
    ports: { grpc: portOf(temporal.address), ui: portOf(new URL(temporal.uiUrl).host) },
    dbFile: join(dir, 'temporal', 'temporal.db'),
    logFile: join(dir, 'logs', 'temporal-again.log'),
  });
}
