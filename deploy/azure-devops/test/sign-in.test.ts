/** The sign-in that needs no token in a variable: `DefaultAzureCredential` itself, with a managed identity's endpoint on this machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { DevOpsServer, ENTRA_TOKEN } from './support/devops-server.ts';
import { runAsIdentity } from './support/example.ts';

const SECRET_OF_THE_HOST = 'header-of-this-host';

interface Asked {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** learn.microsoft.com/azure/app-service/overview-managed-identity, 2019-08-01: what hosts of Azure put beside a program. */
async function identityEndpoint(answer: { readonly status: number; readonly body: object }) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ query: new URL(request.url ?? '', 'http://identity').searchParams, headers: request.headers });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    // no other way to sign in is found: neither az nor azd nor pwsh are on this PATH
    env: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/token`, IDENTITY_HEADER: SECRET_OF_THE_HOST, PATH: '/nowhere' },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const inAnHour = () => String(Math.floor(Date.now() / 1000) + 3600);

test('without a personal access token it is signed in by the identity of its host, for Azure DevOps and nothing else', async () => {
  await using server = await new DevOpsServer().start();
  const token = { access_token: ENTRA_TOKEN, expires_on: inAnHour(), token_type: 'Bearer' };
  await using identity = await identityEndpoint({ status: 200, body: token });
  const applied = await runAsIdentity(server, ['apply', '--yes'], identity.env);
  assert.equal(applied.code, 0, applied.err);
  assert.equal(server.environments.size, 3);
  assert.deepEqual(
    identity.asked.map(({ query, headers }) => [query.get('resource'), headers['x-identity-header']]),
    [['499b84ac-1321-427f-aa17-267ca6975798', SECRET_OF_THE_HOST]],
  );
  assert.doesNotMatch(applied.out + applied.err, new RegExp(ENTRA_TOKEN));
});

test('a token that Azure DevOps does not take is told as not signed in', async () => {
  await using server = await new DevOpsServer().start();
  const token = { access_token: 'of-another-tenant', expires_on: inAnHour(), token_type: 'Bearer' };
  await using identity = await identityEndpoint({ status: 200, body: token });
  const { code, err } = await runAsIdentity(server, ['plan'], identity.env);
  assert.equal(code, 1);
  assert.match(err, /not signed in: the token is missing, expired, or of another tenant/);
});

test('where nobody gives a token it is said what to do, before Azure DevOps is asked anything', async () => {
  await using server = await new DevOpsServer().start();
  const body = { error: 'invalid_request', error_description: 'no managed identity is assigned' };
  await using identity = await identityEndpoint({ status: 400, body });
  const { code, err } = await runAsIdentity(server, ['plan'], identity.env);
  assert.equal(code, 1);
  assert.match(err, /Entra ID gave no token for Azure DevOps: run `az login`, or name a variable with --pat-from/);
  assert.ok(identity.asked.length > 0);
  assert.deepEqual(server.requests, []);
});
