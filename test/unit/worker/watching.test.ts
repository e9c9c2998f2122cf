import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { DefaultLogger } from '@temporalio/worker';
import { until } from '../../../local/tools/until.ts';
import { createMemoryCluster } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import type { Rulebook, ServiceRules } from '../../../src/domain/rulebook.ts';
import type { ClusterWatch, WatchedWorkloads } from '../../../src/ports/cluster-watch.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { watchEnvironment } from '../../../src/worker/watching.ts';
import { deployment, sample } from '../../ports/cluster/manifests.ts';
import { aRulebook } from '../../support/memory-world.ts';

const AT_ONCE = { quietMs: 1, longestMs: 1, gapMs: 1, longestGapMs: 1, paceMs: 0 };
const WRITE = { dryRun: false, signal: new AbortController().signal };
const PATIENT = { timeoutMs: 10_000, everyMs: 2 };

let over = new AbortController();
afterEach(() => {
  over.abort();
  over = new AbortController();
});

/** `iam` and `shop` run in a namespace together, `db` in its own; `other` does not come to staging. */
function rules(guarded: readonly string[] = ['staging']): Rulebook {
  const book = aRulebook();
  const iam = book.services['iam'] as ServiceRules;
  const service = (name: string, fields: Partial<ServiceRules>) => ({ ...iam, name, namespaces: {}, ...fields });
  const together = { staging: 'apps' };
  return {
    ...book,
    guardians: Object.fromEntries(guarded.map((one) => [one, { everyMs: 1, onDrift: 'alert' as const }])),
    services: {
      iam: service('iam', { namespaces: together }),
      shop: service('shop', { namespaces: together, workloads: ['deployment/shop', 'deployment/cart'] }),
      db: service('db', { workloads: ['statefulset/db'] }),
      other: service('other', { path: ['dev'] }),
    },
  };
}

function watched(watch: ClusterWatch, rulebook = rules()) {
  const called: string[] = [];
  const logged: string[] = [];
  const call = async (service: string): Promise<boolean> => {
    called.push(service);
    return true;
  };
  const logger = new DefaultLogger('INFO', ({ level, message }) => logged.push(`${level} ${message}`));
  const ended = watchEnvironment(
    { environment: 'staging', rulebook, watch, call, logger, timing: AT_ONCE },
    over.signal,
  );
  return { called, logged, ended };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('when an environment is watched for its guardians', () => {
  test('a change calls the guardian of the service whose workload it is, after each was called once', async () => {
    const { cluster, watch } = createMemoryCluster();
    const { called } = watched(watch);
    await until(() => called.length === 3, { what: 'each is called', ...PATIENT });
    assert.deepEqual(called.toSorted(), ['db', 'iam', 'shop']);
    await cluster.apply([deployment(sample('a'), { name: 'cart' })], 'apps', WRITE);
    await until(() => called.length > 3, { what: 'a call', ...PATIENT });
    assert.deepEqual(called.slice(3), ['shop']);
  });

  test('there is one watch for a namespace, of all workloads there, and none where nobody guards', async () => {
    const followed: WatchedWorkloads[] = [];
    const watch: ClusterWatch = {
      async follow(one, _, signal) {
        followed.push(one);
        await untilAborted(signal);
      },
    };
    await watched(watch, rules(['dev'])).ended;
    await watched(watch, rules([])).ended;
    const { ended } = watched(watch);
    over.abort();
    await ended;
    assert.deepEqual(followed, [
      { namespace: 'apps', workloads: ['deployment/iam', 'deployment/shop', 'deployment/cart'] },
      { namespace: 'db', workloads: ['statefulset/db'] },
    ]);
  });

  test('one that cannot be begun is said, and tried again with growing pauses, for as long as the worker lives', async () => {
    let tries = 0;
    const watch: ClusterWatch = {
      async follow({ namespace }, _, signal) {
        if (namespace === 'db') return untilAborted(signal);
        tries += 1;
        throw new PortError('cluster-forbidden', 'no right to watch', { retry: 'no' });
      },
    };
    const { logged, ended } = watched(watch);
    await until(() => tries === 2, { what: 'it tries again', ...PATIENT });
    assert.deepEqual(logged.slice(0, 2), [
      'WARN namespace apps: cannot be watched, tries again in 1 s; until then guardians there look at their rounds only',
      'WARN namespace apps: cannot be watched, tries again in 5 s; until then guardians there look at their rounds only',
    ]);
    over.abort();
    await ended;
    assert.equal(tries, 2);
  });

  test('one that is lost is said once, and once more when it goes on', async () => {
    const gone = new PortError('cluster-unreachable', 'gone', { retry: 'yes' });
    const watch: ClusterWatch = {
      async follow({ namespace }, listener, signal) {
        if (namespace === 'db') {
          listener.lost(gone);
          listener.found();
        }
        await untilAborted(signal);
      },
    };
    const { logged, ended } = watched(watch);
    over.abort();
    await ended;
    assert.deepEqual(logged, [
      'WARN namespace db: a watch is lost, and is taken up again; until then guardians there look at their rounds only',
      'INFO namespace db: the watch that was lost goes on',
    ]);
  });
});
