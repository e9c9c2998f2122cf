/** The emulator's own switches for people: decide for a person, roll the keys over. */
import type { Emulation } from '../emulation.ts';
import { empty, json, readJsonBody, route, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { decideDeviceCode } from '../people/sign-in.ts';

/** `guarded` asks for the admin secret first. */
export function signInSwitches({ signIn }: Emulation, guarded: (handle: Route['handle']) => Route['handle']): Route[] {
  return [
    route(
      'POST',
      /^\/_emulator\/sign-ins$/,
      guarded(async (exchange) => {
        const { userCode, user, decision = 'approve' } = await readJsonBody(exchange, 'InvalidSignIn');
        if (decision !== 'approve' && decision !== 'deny') {
          throw new Refusal(400, 'InvalidSignIn', `decision is approve or deny, got ${JSON.stringify(decision)}`);
        }
        try {
          decideDeviceCode(signIn, String(userCode), String(user), decision);
        } catch (error) {
          throw new Refusal(400, 'InvalidSignIn', error instanceof Error ? error.message : String(error));
        }
        return empty(204);
      }),
    ),
    route(
      'POST',
      /^\/_emulator\/keys\/(?<change>rotate|retire)$/,
      guarded(async ({ params }) => {
        await (params['change'] === 'rotate' ? signIn.keys.rotate() : signIn.keys.retire());
        return json(200, { keys: await signIn.keys.published() });
      }),
    ),
  ];
}
