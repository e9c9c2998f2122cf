import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { examineCluster } from '../../../src/cli/doctor/cluster.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { YAML } from '../../support/memory-world.ts';
import { type Answer, json, startWire, status, type Wire } from '../cluster/support/wire.ts';
import { GOOD, read } from '../config/written.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'dev'));
writeFileSync(join(folder, 'dev', 'iam.yaml'), YAML);

let wire: Wire | undefined;
afterEach(() => wire?.close());

const KINDS: Readonly<Record<string, object>> = {
  '/api/v1': { resources: [{ name: 'services', kind: 'Service', namespaced: true }] },
  '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
};

/** What the doctor says of dev's cluster, whose API server answers so about the objects of the manifests. */
async function found(answer: Answer): Promise<Finding> {
  wire = await startWire((request, response) => {
    const kinds = KINDS[request.path];
    if (kinds !== undefined) return json(response, 200, kinds);
    answer(request, response);
  });
  const config = read(GOOD);
  const cluster = { kind: 'kubeconfig' as const, path: wire.kubeconfig() };
  const dev = { ...(config.environments['dev'] ?? assert.fail()), cluster };
  const [finding] = await examineCluster(
    { ...config, manifests: { iam: folder }, environments: { ...config.environments, dev } },
    'dev',
  );
  return finding ?? assert.fail();
}

const taken: Answer = (request, response) =>
  request.method === 'PATCH'
    ? json(response, 201, { ...JSON.parse(request.body), metadata: { name: 'iam', generation: 1 } })
    : status(response, 404, 'NotFound', 'not found');

describe('when the doctor looks at a cluster', () => {
  test('manifests that can be tried and compared are well, and nothing is written', async () => {
    const { state, detail } = await found(taken);
    assert.deepEqual([state, detail], ['well', 'namespace iam answers, pods can be read, 2 objects pass a dry run']);
    const written = (wire?.requests ?? []).filter((one) => one.method !== 'GET');
    assert.ok(written.length > 0 && written.every((one) => one.query.get('dryRun') === 'All'));
  });

  test('a webhook that knows no dry runs is nothing to repair: it could not be tried', async () => {
    const { state, detail } = await found((request, response) =>
      request.method === 'PATCH'
        ? status(response, 400, 'BadRequest', 'admission webhook "old.example.test" does not support dry run')
        : taken(request, response),
    );
    assert.equal(state, 'not-tried');
    assert.match(detail, /"old\.example\.test" does not support dry run/);
  });

  test('who may apply an object and not read it lacks a right, which is named', async () => {
    const { state, detail, remedy } = await found((request, response) =>
      request.method === 'GET' && request.path.includes('/services/')
        ? status(response, 403, 'Forbidden', 'services "iam" is forbidden: User "w" cannot get resource "services" in API group "" in the namespace "iam"') // prettier-ignore
        : taken(request, response),
    );
    assert.equal(state, 'unwell');
    assert.match(detail, /service\/iam: the account may not get services in namespace iam/);
    assert.match(remedy ?? '', /"get","list","watch","create","patch","delete"/);
  });
});
