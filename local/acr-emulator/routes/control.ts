/** The emulator's own switches, on the ARM port: faults while it runs, the log of effects, people's sign-ins. */
import type { Emulation } from '../emulation.ts';
import type { Fault } from '../faults.ts';
import { empty, json, readBody, route, type Exchange, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { sameText } from './oauth2.ts';
import { signInSwitches } from './sign-in-switches.ts';

const BODY_LIMIT = 1024 * 1024;

/** All need the header `x-emulator-secret` with `admin` of the folder's `secrets.json`. */
export function controlRoutes(emulation: Emulation): Route[] {
  const guarded = (handle: Route['handle']) => (exchange: Exchange) => {
    requireSecret(emulation, exchange);
    return handle(exchange);
  };
  return [
    route(
      'GET',
      /^\/_emulator\/faults$/,
      guarded(() => json(200, emulation.faults.list())),
    ),
    route(
      'PUT',
      /^\/_emulator\/faults$/,
      guarded(async (exchange) => {
        replaceFaults(emulation, await readFaults(exchange));
        return json(200, emulation.faults.list());
      }),
    ),
    route(
      'DELETE',
      /^\/_emulator\/faults$/,
      guarded(() => {
        emulation.faults.clear();
        return empty(204);
      }),
    ),
    route(
      'GET',
      /^\/_emulator\/effects$/,
      guarded(() => json(200, emulation.effects.entries())),
    ),
    ...signInSwitches(emulation, guarded),
    route('GET', /^\/_emulator\/health$/, () => json(200, { status: 'ready' })),
  ];
}

function requireSecret(emulation: Emulation, exchange: Exchange): void {
  if (sameText(emulation.secrets.admin, String(exchange.request.headers['x-emulator-secret'] ?? ''))) return;
  throw new Refusal(
    401,
    'Unauthorized',
    'x-emulator-secret must be the admin secret of the data folder (secrets.json)',
  );
}

/** One fault or a list of them, which replaces those in force. */
async function readFaults(exchange: Exchange): Promise<Fault[]> {
  const text = (await readBody(exchange, BODY_LIMIT)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]) as Fault[];
  } catch (error) {
    throw new Refusal(
      400,
      'InvalidFault',
      `the body is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function replaceFaults(emulation: Emulation, faults: readonly Fault[]): void {
  try {
    emulation.faults.replace(faults);
  } catch (error) {
    throw new Refusal(400, 'InvalidFault', error instanceof Error ? error.message : String(error));
  }
}
