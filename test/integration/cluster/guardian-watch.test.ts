/** Guardians that hear of a change: a real API server, a real Temporal server, the real workflows, activities and watch. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { DefaultLogger } from '@temporalio/worker';
import { STRATEGIC } from '../../../local/control-plane/kube-api.ts';
import { RELEASE_RULES } from '../../../local/control-plane/access.ts';
import { until } from '../../../local/tools/until.ts';
import { createKubernetesCluster } from '../../../src/adapters/cluster/kubernetes/kubernetes-cluster.ts';
import { connect, type GuardianView, type ReleaseClient } from '../../../src/client/index.ts';
import { guardianQuery, type GuardianStatus } from '../../../src/contract/guardian-workflow.ts';
import { guardianId } from '../../../src/contract/workflow-ids.ts';
import type { EnvironmentRules, HealthRule, Rulebook, ServiceRules } from '../../../src/domain/rulebook.ts';
import { callGuardian } from '../../../src/worker/call-guardian.ts';
import { watchEnvironment } from '../../../src/worker/watching.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH, type Pushed } from '../../support/memory-world.ts';
import { readAsOne } from '../../support/read-as-one.ts';
import { worldActivities } from '../../support/world-activities.ts';
import { type ClusterWorld, skip, startClusterWorld } from './support/cluster-world.ts';

const HERE = 'staging';
const NAMESPACE = 'iam-staging';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/iam`;
const PATIENT = { timeoutMs: 120_000 };
const HOUR = 3_600_000;

describe('when a guardian looks once an hour, and its cluster is watched', { skip, timeout: 600_000 }, () => {
  let cluster: ClusterWorld;
  let engine: Engine;
  let client: ReleaseClient;
  let world: MemoryWorld;
  let called: string[];
  before(async () => {
    [cluster, engine] = await Promise.all([startClusterWorld(), startEngine('real')]);
    client = await connect({ address: engine.env.address, namespace: 'default', user: 'grace' });
    await cluster.admin.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    world = await aWorld({ rulebook: guarded });
    const { watch: _, ...ports } = createKubernetesCluster({ kubeconfig: cluster.plane.adminKubeconfig });
    Object.assign(world.zones.staging.ports, ports);
  });
  after(async () => {
    await client?.close();
    await engine?.stop();
    await cluster?.close();
  });

  const guardian = () => engine.env.client.workflow.getHandle(guardianId(HERE, 'iam'));
  const status = (): Promise<GuardianStatus> => guardian().query(guardianQuery);
  const says = (what: string, isSo: (known: GuardianStatus) => boolean): Promise<GuardianStatus> =>
    until(
      async () => {
        const known = await status();
        return isSo(known) && known;
      },
      { what: `the guardian ${what}`, ...PATIENT },
    );
  /** With what looks that found nothing new have left with the server. */
  const listed = async (): Promise<GuardianView | undefined> =>
    (await client.guardians({ service: 'iam', environment: HERE }))[0];

  async function release(version: string): Promise<Pushed> {
    const pushed = await world.push(version);
    const { digest, manifests } = pushed;
    await client.startRelease({ service: 'iam', version, image: `iam@${digest}`, manifests });
    const { outcome } = await client.wait({ service: 'iam', version });
    assert.equal(outcome.kind, 'released', outcome.reason);
    return pushed;
  }

  async function changeImage(image: string): Promise<void> {
    const template = { spec: { containers: [{ name: 'iam', image }] } };
    await cluster.admin.patch(DEPLOYMENT, { spec: { template } }, STRATEGIC);
  }

  /** As a worker of staging watches, with the rights of a release and no others, for as long as `work` goes on. */
  async function watched(work: () => Promise<void>): Promise<void> {
    const rights = { namespace: NAMESPACE, name: 'worker', rules: RELEASE_RULES };
    const { watch } = createKubernetesCluster({ kubeconfig: await cluster.plane.kubeconfigFor(rights) });
    const worker = new Client({ connection: engine.env.nativeConnection });
    const over = new AbortController();
    const { rulebook } = world.zones.staging;
    const logger = new DefaultLogger('ERROR');
    called = [];
    const call = async (service: string): Promise<boolean> => {
      called.push(service);
      return callGuardian(worker, { environment: HERE, service }, logger);
    };
    const ended = watchEnvironment({ environment: HERE, rulebook, watch, call, logger }, over.signal);
    try {
      await work();
    } finally {
      over.abort();
      await ended;
    }
  }

  test('what is changed by hand is found at once and believed a minute later, and so is its end', async () => {
    await engine.during(
      worldActivities(world),
      async () => {
        const { digest } = await release('1.0.0');
        const image = `staging.example.test/iam@${digest}`;
        await watched(async () => {
          await says('has looked because it was called', ({ lookedAt: at }) => at !== undefined);
          await changeImage('somebody.example.test/iam:latest');
          const { findings, guarded: known } = await says('has found it', (one) => one.findings.length > 0);
          assert.equal(known?.version, '1.0.0');
          assert.deepEqual(
            findings.map(({ about, got }) => [about, got]),
            [['running', 'somebody.example.test/iam:latest']],
          );
          await changeImage(image);
          await says('is content', (one) => one.findings.length === 0);
        });
      },
      PATH,
    );
  });

  test('a promotion changes what runs, and is no storm: it is looked once when it has ended', async () => {
    await engine.during(
      worldActivities(world),
      async () => {
        await watched(async () => {
          const before = (await guardian().fetchHistory()).events?.length ?? 0;
          await release('2.0.0');
          await until(
            async () => {
              const { guarded: known, lookedAt: at = '' } = (await listed()) ?? {};
              return known?.version === '2.0.0' && Date.parse(at) > Date.parse(known.since);
            },
            { what: 'a look since it ended', ...PATIENT },
          );
          assert.ok(called.length <= 4, `${called.length} calls`);
          const grown = ((await guardian().fetchHistory()).events?.length ?? 0) - before;
          assert.ok(grown < 120, `${grown} events`);
          assert.deepEqual((await status()).findings, []);
        });
      },
      PATH,
    );
  });

  test('what is changed while the API server is away is seen when it is back', async () => {
    await engine.during(
      worldActivities(world),
      async () => {
        await watched(async () => {
          await until(() => called.length > 0, { what: 'the first list', ...PATIENT });
          await cluster.restart();
          const since = Date.now();
          await until(() => changeImage('r.test/iam:other').then(() => true), { what: 'the change', ...PATIENT });
          await until(async () => Date.parse((await listed())?.lookedAt ?? '') > since, { what: 'a look', ...PATIENT });
        });
        const history = await guardian().fetchHistory();
        assert.deepEqual(readAsOne(history), []);
      },
      PATH,
    );
  });
});

function guarded(rulebook: Rulebook): Rulebook {
  const staging: EnvironmentRules = {
    ...(rulebook.environments[HERE] as EnvironmentRules),
    rollOutTimeoutMs: 60_000,
  };
  const iam = rulebook.services['iam'] as ServiceRules;
  const health = { ...(iam.health as HealthRule), urls: { [HERE]: 'http://iam.example.test/health' } };
  return {
    ...rulebook,
    services: { iam: { ...iam, health } },
    environments: { ...rulebook.environments, [HERE]: staging },
    guardians: { [HERE]: { everyMs: HOUR, onDrift: 'alert' } },
  };
}
