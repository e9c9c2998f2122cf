import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBell } from '../../../src/adapters/cluster/kubernetes/bell.ts';
import { redactLine } from '../../../src/adapters/cluster/kubernetes/redact-line.ts';
import { runningPodsOf } from '../../../src/adapters/cluster/kubernetes/running-pods.ts';
import { selectorText } from '../../../src/adapters/cluster/kubernetes/track-workload.ts';
import { parseWorkload } from '../../../src/adapters/cluster/kubernetes/workload-name.ts';
import { sample } from '../../ports/cluster/manifests.ts';
import { IMAGE, facts, pod, replicaSet, workload } from './support/facts.ts';

describe('when a workload is named', () => {
  for (const [text, kind, plural] of [
    ['deployment/iam', 'Deployment', 'deployments'],
    ['StatefulSet/db', 'StatefulSet', 'statefulsets'],
    ['daemonset/agent', 'DaemonSet', 'daemonsets'],
  ] as const) {
    test(`${text} is one`, () => {
      const parsed = parseWorkload(text);
      assert.deepEqual([parsed.kind, parsed.plural, parsed.text], [kind, plural, text]);
    });
  }
  for (const text of [
    '',
    'iam',
    'deployment',
    'deployment/',
    '/iam',
    'job/iam',
    'deployment/a/b',
    'deployments/iam',
    'toString/iam',
  ]) {
    test(`"${text}" is none`, () => assert.throws(() => parseWorkload(text), { code: 'input-invalid' }));
  }
});

describe('when a service’s own words become evidence', () => {
  const secret = 'hunter2hunter2';
  for (const line of [
    `password=${secret}`,
    `DB_PASSWORD: ${secret}`,
    `{"clientSecret":"${secret}"}`,
    `--api-key='${secret}'`,
    `Authorization: Bearer ${secret}`,
    `postgres://iam:${secret}@db:5432/iam`,
    `AccountKey=${secret};EndpointSuffix=core.windows.net`,
    `jwt eyJhbGciOiJIUzI1NiJ9.${secret}.x`,
    `-----BEGIN RSA PRIVATE KEY-----${secret}`,
    `GITHUB_TOKEN=${secret}`,
  ]) {
    test(`the secret is taken out of: ${line.replace(secret, '…')}`, () => {
      const redacted = redactLine(line);
      assert.doesNotMatch(redacted, /hunter2/);
      assert.match(redacted, /\[redacted\]/);
    });
  }
  test('what is no secret stays', () => {
    for (const line of [
      'listen tcp :8080: bind: address already in use',
      'cannot connect to postgres://db:5432/iam',
      'tokenizer failed',
    ]) {
      assert.equal(redactLine(line), line);
    }
  });
});

describe('when ready pods say what they run', () => {
  const digests = (...pods: ReturnType<typeof pod>[]): string[] =>
    runningPodsOf({ ...facts(), object: workload(), pods }, 'deployment/iam', IMAGE).map((one) => one.imageDigest);
  const digest = IMAGE.slice(IMAGE.indexOf('@') + 1);

  for (const [title, imageID, expected] of [
    ['containerd', IMAGE, digest],
    ['docker', `docker-pullable://${IMAGE}`, digest],
    ['a bare image id', digest, digest],
    ['another manifest', sample('b'), sample('b').slice(sample('b').indexOf('@') + 1)],
    ['nothing', '', ''],
  ] as const) {
    test(`${title}: ${expected.slice(0, 10)}`, () =>
      assert.deepEqual(digests(pod('a', 'new', { imageID })), [expected]));
  }

  test('pods that are not ready, of old versions, or going away are left out', () => {
    const leaving = pod('c', 'new', {}, { deletionTimestamp: 'now' });
    assert.deepEqual(digests(pod('a', 'new', { ready: false }), pod('b', 'old'), leaving, pod('d')), [digest]);
  });

  test('one stranger among several containers with the image is told', () => {
    const base = pod('a');
    const strange = { name: 'other', ready: true, imageID: sample('b') };
    const statuses = [...(base.status?.containerStatuses ?? []), strange];
    const containers = [...(base.spec?.containers ?? []), { name: 'other', image: IMAGE }];
    const two = { ...base, spec: { containers }, status: { ...base.status, containerStatuses: statuses } };
    assert.deepEqual(digests(two), [sample('b').slice(sample('b').indexOf('@') + 1)]);
  });

  test('nothing counts when the workload asks for another image', () => {
    const parts = { ...facts(), object: workload(), revisions: [replicaSet('new')] };
    assert.deepEqual(runningPodsOf(parts, 'deployment/iam', sample('b')), []);
  });
});

describe('when a selector becomes a query', () => {
  test('labels and expressions', () => {
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
      { key: 'zone', operator: 'NotIn', values: ['c'] },
      { key: 'app', operator: 'Exists' },
      { key: 'debug', operator: 'DoesNotExist' },
    ];
    assert.equal(
      selectorText({ matchLabels: { x: 'y' }, matchExpressions }),
      'x=y,tier in (a,b),zone notin (c),app,!debug',
    );
  });
});

describe('when somebody waits for a bell', () => {
  const never = new AbortController().signal;
  test('a ring before the wait counts', async () => {
    const bell = createBell();
    bell.ring();
    await bell.wait(2 ** 40, never);
  });
  test('a ring during the wait, the end of time, and the caller’s leaving all end it', async () => {
    const bell = createBell();
    const ringing = bell.wait(2 ** 40, never);
    bell.ring();
    await ringing;
    await bell.wait(1, never);
    await bell.wait(-1, never);
    const caller = new AbortController();
    const leaving = bell.wait(2 ** 40, caller.signal);
    caller.abort();
    await leaving;
    await bell.wait(2 ** 40, caller.signal);
  });
  test('one ring is for one wait', async () => {
    const bell = createBell();
    bell.ring();
    await bell.wait(2 ** 40, never);
    let rung = false;
    const second = bell.wait(2 ** 40, never).then(() => (rung = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(rung, false);
    bell.ring();
    await second;
  });
});
