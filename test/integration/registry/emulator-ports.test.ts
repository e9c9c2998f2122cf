/** The ACR adapters pass the shared suites on the emulator. */
import { registrySuites } from '../../ports/registry/all-suites.ts';
import { startEmulated } from './emulated.ts';

registrySuites('ACR on the emulator', async () => (await startEmulated({ importDurationMs: 5 })).subject());
registrySuites('ACR on the emulator with storage elsewhere and small pages', async () =>
  (
    await startEmulated({ importDurationMs: 5, redirectBlobs: true, referrersPage: 1, importRetryAfterSeconds: 10 })
  ).subject(),
);
