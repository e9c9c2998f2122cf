import { createHttpsChecks } from '../../../src/adapters/external-checks/https/create-https-checks.ts';
import { createMemoryChecks } from '../../../src/adapters/external-checks/memory.ts';
import { deadAddress, openInbox } from '../../support/events.ts';
import { externalChecksSuite, SAID } from './external-checks-suite.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

externalChecksSuite('in memory', async () => {
  const answers = Object.fromEntries(Object.entries(SAID).map(([gate, said]) => [gate, () => said]));
  return { checks: createMemoryChecks(answers).checks, close: async () => undefined };
});

externalChecksSuite('https', async () => {
  const inboxes = await Promise.all(
    Object.entries(SAID).map(async ([gate, said]) => {
      const inbox = await openInbox(
        () => (_, response) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said)),
      );
      return { gate, inbox };
    }),
  );
  const addresses = [
    ...inboxes.map(({ gate, inbox }) => ({ gate, url: inbox.url })),
    { gate: 'away', url: await deadAddress() },
  ];
  const checks = addresses.map((one) => ({ ...one, secret: 'SECRET', timeoutMs: 20_000 }));
  return {
    checks: createHttpsChecks(checks, { readSecret: () => SECRET, pauseMs: 1 }),
    close: async () => {
      await Promise.all(inboxes.map(({ inbox }) => inbox.close()));
    },
  };
});
