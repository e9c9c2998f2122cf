/** What every way to sign in asks first: which application, for what. */
import { Refusal } from '../http/refusal.ts';
import type { ClientRegistration, People } from './directory.ts';
import type { SignInRequest } from './grants.ts';

export function requireClient({ clients }: People, clientId: string | null): ClientRegistration {
  const client = clients.find((one) => one.clientId === clientId);
  if (client !== undefined) return client;
  throw new Refusal(
    400,
    'unauthorized_client',
    `AADSTS700016: Application with identifier '${clientId ?? ''}' was not found in the directory.`,
  );
}

export function readSignInRequest(client: ClientRegistration, form: URLSearchParams): SignInRequest {
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  if (scopes.length > 0) return { client, scopes, nonce: form.get('nonce') ?? undefined };
  throw new Refusal(
    400,
    'invalid_request',
    "AADSTS900144: The request body must contain the following parameter: 'scope'.",
  );
}
