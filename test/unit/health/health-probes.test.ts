import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpHealth } from '../../../src/adapters/health/http.ts';
import { createMemoryHealth } from '../../../src/adapters/health/memory.ts';
import type { HealthAnswer } from '../../../src/ports/health-probe.ts';
import { healthProbeSuite } from '../../ports/health/health-probe-suite.ts';

const ILL = 'x'.repeat(3 * 1024);

healthProbeSuite('over HTTP', async () => {
  const server = createServer((request, response) => {
    const well = request.url === '/well';
    response.writeHead(well ? 200 : 500).end(well ? 'ok' : ILL);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    probe: createHttpHealth(),
    well: `${url}/well`,
    ill: `${url}/ill`,
    away: 'http://127.0.0.1:1/',
    close: async () => void server.close(),
  };
});

healthProbeSuite('in memory', async () => {
  const answers: Readonly<Record<string, HealthAnswer>> = {
    well: { kind: 'answered', status: 200, body: 'ok' },
    ill: { kind: 'answered', status: 500, body: ILL },
  };
  const { probe } = createMemoryHealth((url) => answers[url] ?? { kind: 'no-answer', why: 'ECONNREFUSED' });
  return { probe, well: 'well', ill: 'ill', away: 'away', close: async () => undefined };
});
