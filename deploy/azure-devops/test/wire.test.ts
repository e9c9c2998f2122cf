import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DevOpsServer } from './support/devops-server.ts';
import { run } from './support/example.ts';

test('a sign-in page, as 203 or as a redirect or 401, is told as not signed in', async () => {
  for (const answer of [
    { status: 203, body: '<html>Sign In</html>' },
    { status: 302, headers: { location: 'https://spsprodweu1.vssps.visualstudio.com/_signin' } },
    { status: 401, body: '<html>Access Denied: the personal access token has expired</html>' },
  ]) {
    await using server = await new DevOpsServer().start();
    server.fail(() => true, answer);
    const { code, err } = await run(server, ['plan']);
    assert.equal(code, 1);
    assert.match(err, /not signed in: the token is missing, expired/, String(answer.status));
  }
});

test('a project that is not there is told with its name', async () => {
  await using server = await new DevOpsServer().start();
  server.fail((one) => one.path.includes('/projects/'), {
    status: 404,
    body: { message: 'TF200016: The project does not exist' },
  });
  const { code, err } = await run(server, ['plan']);
  assert.equal(code, 1);
  assert.match(err, /_apis\/projects\/OneStreamPlatform: not found/);
});

test('a throttled request is sent again after the time that the service names, a writing one as well', async () => {
  await using server = await new DevOpsServer().start();
  const slow = {
    status: 429,
    headers: { 'retry-after': '0' },
    body: { message: 'Request was blocked due to exceeding usage' },
  };
  server.fail((one) => one.method === 'GET' && one.path.includes('/environments'), slow, 2);
  server.fail((one) => one.method === 'POST' && one.path.includes('/environments'), slow, 2);
  const { code, err } = await run(server, ['apply', '--yes']);
  assert.equal(code, 0, err);
  assert.equal(server.environments.size, 3);
  assert.equal(server.writes.filter((one) => one === 'POST OneStreamPlatform/_apis/pipelines/environments').length, 5);
});

test('throttled without end is an error and no endless loop', async () => {
  await using server = await new DevOpsServer().start();
  server.fail(() => true, { status: 429, headers: { 'retry-after': '0' } }, Infinity);
  const { code, err } = await run(server, ['plan']);
  assert.equal(code, 1);
  assert.match(err, /throttled 5 times in a row/);
  assert.equal(server.requests.length, 5);
});

test('a conflict says that the plan is out of date', async () => {
  await using server = await new DevOpsServer().start();
  server.fail((one) => one.method === 'POST', { status: 409, body: { message: 'already exists' } });
  const { code, err } = await run(server, ['apply', '--yes']);
  assert.equal(code, 1);
  assert.match(err, /changed it meanwhile: run plan again. already exists/);
});

test('lists are read to their last page: the ninth group is seen as well as the first', async () => {
  await using server = await new DevOpsServer().start();
  for (let id = 100; id < 109; id++)
    server.environments.set(String(id), { id, name: `old-${id}`, description: '[managed by sluice]' });
  const { out } = await run(server, ['plan', '--json']);
  assert.equal(JSON.parse(out).leftOver.length, 9);
});

test('a page that leads to itself is an error', async () => {
  await using server = await new DevOpsServer().start();
  server.fail(
    (one) => one.path.includes('/environments'),
    { status: 200, body: { value: [] }, headers: { 'x-ms-continuationtoken': 'again' } },
    Infinity,
  );
  const { code, err } = await run(server, ['plan']);
  assert.equal(code, 1);
  assert.match(err, /the same page is offered for ever/);
});

test('the token is in no output, and where a name is due it is not taken', async () => {
  await using server = await new DevOpsServer().start();
  server.fail(() => true, { status: 500, body: { message: 'boom' } }, Infinity);
  const failed = await run(server, ['plan'], undefined, { THE_PAT: 'very-secret-token-value' });
  assert.doesNotMatch(failed.out + failed.err, /very-secret/);
  const literal = await run(server, ['plan', '--pat-from', 'abcdefsecrettoken'], undefined);
  assert.equal(literal.code, 1);
  assert.match(literal.err, /takes the name of an environment variable/);
  assert.doesNotMatch(literal.err, /abcdefsecret/);
});
