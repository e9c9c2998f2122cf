import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ask,
  giveTurns,
  handBack,
  type LeaseRequest,
  NO_TURNS,
  superseded,
  type Turns,
  waitingFor,
} from '../../../src/domain/turns.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const anybody = (): boolean => true;

function request(version: string, changed: Partial<LeaseRequest> = {}): LeaseRequest {
  const workflowId = `promotion/${changed.service ?? 'iam'}/${version}/production`;
  const normal = { policy: 'queue', priority: 'normal', passes: [], askedAt: '2026-11-24T11:00:00Z' } as const;
  return {
    service: 'iam',
    version,
    workflowId,
    runId: `run-${changed.service ?? 'iam'}-${version}`,
    ...normal,
    ...changed,
  };
}

const asked = (...requests: readonly LeaseRequest[]): Turns => requests.reduce(ask, NO_TURNS);
const versions = (leases: readonly LeaseRequest[]): readonly string[] => leases.map((one) => one.version);

describe('taking turns', () => {
  it('whoever was forgotten and asks again has its old place', () => {
    const at = (minute: number) => ({ askedAt: `2026-11-24T11:0${minute}:00Z` });
    const [one, two, three] = [request('1', at(1)), request('2', at(2)), request('3', at(3))];
    assert.deepEqual(versions(waitingFor(asked(one, three, two), 'iam')), ['1', '2', '3']);
    assert.deepEqual(versions(waitingFor(asked(two, three, one), 'iam')), ['1', '2', '3']);
  });

  it('who asks in the same moment stands behind', () => {
    assert.deepEqual(versions(waitingFor(asked(request('2'), request('1'), request('3')), 'iam')), ['2', '1', '3']);
  });

  it('gives one lease for each service, to who asked first', () => {
    const { turns, given } = giveTurns(
      asked(request('1'), request('2'), request('1', { service: 'billing' })),
      NOW,
      anybody,
    );
    assert.deepEqual(
      given.map((one) => `${one.service} ${one.version}`),
      ['iam 1', 'billing 1'],
    );
    assert.deepEqual(versions(turns.queue), ['2']);
  });

  it('gives nothing while the service is being changed, and the next one when the lease is back', () => {
    const first = giveTurns(asked(request('1'), request('2')), NOW, anybody).turns;
    assert.deepEqual(giveTurns(first, NOW, anybody).given, []);
    const next = giveTurns(handBack(first, 'run-iam-1'), NOW, anybody);
    assert.deepEqual(versions(next.given), ['2']);
  });

  it('numbers grow, also when the clock goes back', () => {
    const first = giveTurns(asked(request('1'), request('1', { service: 'billing' })), NOW, anybody);
    assert.deepEqual(
      first.given.map((one) => one.fence),
      [1, 2],
    );
    const back = giveTurns(ask(handBack(first.turns, 'run-iam-1'), request('2')), NOW - 5_000, anybody);
    assert.equal(back.given[0]?.fence, 3);
  });

  it('a hot-fix is next, whoever has asked before; two of them keep their order', () => {
    const queue = asked(request('1'), request('2', { priority: 'hot-fix' }), request('3', { priority: 'hot-fix' }));
    assert.deepEqual(versions(waitingFor(queue, 'iam')), ['2', '3', '1']);
    assert.deepEqual(versions(giveTurns(queue, NOW, anybody).given), ['2']);
  });

  it('who may not go lets the others pass', () => {
    const queue = asked(request('1'), request('2', { passes: ['stop'] }));
    const { given } = giveTurns(queue, NOW, (one) => one.passes.includes('stop'));
    assert.deepEqual(versions(given), ['2']);
  });

  it('asking twice, or asking while holding it, changes nothing', () => {
    const once = asked(request('1'));
    assert.equal(ask(once, request('1')), once);
    const { turns } = giveTurns(once, NOW, anybody);
    assert.equal(ask(turns, request('1')), turns);
  });

  it('handing back what one does not have changes nothing', () => {
    const { turns } = giveTurns(asked(request('1')), NOW, anybody);
    assert.deepEqual(handBack(turns, 'run-of-somebody-else'), turns);
  });

  it('supersedes older versions that wait where only the latest is wanted, by the newest of the same service alone', () => {
    const latest = { policy: 'latest' } as const;
    const queue = asked(
      request('1.9', latest),
      request('1.10', latest),
      request('nightly', latest),
      request('9', { ...latest, service: 'billing' }),
    );
    assert.deepEqual(
      superseded(queue).map(({ request: { version }, by }) => [version, by]),
      [['1.9', '1.10']],
    );
    assert.deepEqual(superseded(asked(request('1'), request('2'))), [], 'a queue supersedes nobody');
  });

  it('where only the latest is wanted, nothing enters after a newer version that enters, or is there', () => {
    const latest = { policy: 'latest' } as const;
    const found = (turns: Turns, running = {}) =>
      superseded(turns, running).map(({ request: { version }, by, newer }) => [version, by, newer]);
    const { turns } = giveTurns(asked(request('2', latest)), NOW, anybody);
    assert.deepEqual(found(ask(turns, request('1', latest))), [['1', '2', 'enters']]);
    assert.deepEqual(found(ask(turns, request('3', latest))), []);
    assert.deepEqual(found(ask(turns, request('1', { ...latest, service: 'billing' }))), []);
    const one = asked(request('1', latest));
    assert.deepEqual(found(one, { iam: { version: '2' } }), [['1', '2', 'runs']]);
    assert.deepEqual(found(one, { iam: { version: '1' }, billing: { version: '2' } }), []);
    assert.deepEqual(found(asked(request('1')), { iam: { version: '2' } }), [], 'a queue supersedes nobody');
  });

  it('a hot-fix, and who asked for an older version, is superseded by nothing', () => {
    const newer = request('2', { policy: 'latest' });
    const found = (turns: Turns, running = {}) => superseded(turns, running).map((one) => one.request.version);
    for (const fields of [{ priority: 'hot-fix' }, { mayBeOlder: true }] as const) {
      const exempt = request('1', { policy: 'latest', ...fields });
      assert.deepEqual(found(asked(exempt, newer), { iam: { version: '3' } }), ['2']);
      assert.deepEqual(found(ask(giveTurns(asked(newer), NOW, anybody).turns, exempt)), []);
    }
  });
});
