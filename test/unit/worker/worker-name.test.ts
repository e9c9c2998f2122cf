import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWorkerName } from '../../../src/domain/names.ts';
import { identityOf, isEarlierLife } from '../../../src/worker/worker-name.ts';

const OWN = '7@pod-0#production-0/2026-11-24T08:00:05.000Z';

describe('when a worker looks for its earlier lives', () => {
  const identities: readonly [title: string, identity: string, isEarlier: boolean][] = [
    ['the same name and another start is one', '7@pod-0#production-0/2026-11-24T08:00:00.000Z', true],
    ['so it is on another host, with another process number', '1@pod-x#production-0/2026-11-24T08:00:00.000Z', true],
    ['it is not one of its own', OWN, false],
    ['another name is somebody else', '7@pod-0#production-00/2026-11-24T08:00:00.000Z', false],
    ['a worker without a name is nobody', '7@pod-0', false],
    ['nor is an empty identity', '', false],
    ['nor a host that looks like a name', '7@host#production-0', false],
  ];
  for (const [title, identity, isEarlier] of identities)
    test(title, () => assert.equal(isEarlierLife(identity, OWN), isEarlier));

  test('a worker without a name has none', () => {
    const at = new Date('2026-11-24T08:00:00Z');
    assert.equal(isEarlierLife(OWN, identityOf(undefined, at)), false);
    assert.equal(identityOf('production-0', at), `${identityOf(undefined, at)}#production-0/2026-11-24T08:00:00.000Z`);
  });

  test('a name has no sign that identities are taken apart by', () => {
    for (const good of ['a', 'production-0', 'Worker_1.example']) assert.ok(isWorkerName(good), good);
    for (const bad of ['', '-a', 'a-', 'a/b', 'a#b', 'a@b', 'a b', 'a'.repeat(64)]) assert.ok(!isWorkerName(bad), bad);
  });
});
