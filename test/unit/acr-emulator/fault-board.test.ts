import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FaultBoard, type Fault } from '../../../local/acr-emulator/faults.ts';

const PULL = { registry: 'onestreamdev', method: 'GET', path: '/v2/iam/manifests/1' };

describe('faults in force', () => {
  const table: readonly (readonly [string, Fault['match'], boolean])[] = [
    ['without a match hits everything', undefined, true],
    ['with the same registry hits', { registry: 'onestreamdev' }, true],
    ['with another registry misses', { registry: 'onestreamprod' }, false],
    ['with the method in small letters hits', { method: 'get' }, true],
    ['with another method misses', { method: 'PUT' }, false],
    ['with a pattern that is in the path hits', { path: 'manifests' }, true],
    ['with a pattern that is not misses', { path: '^/acr' }, false],
    ['misses when one of several conditions does', { registry: 'onestreamdev', path: 'blobs' }, false],
  ];
  for (const [title, match, hits] of table) {
    test(`a fault ${title}`, () => {
      const board = new FaultBoard([{ fault: 'hang', ...(match === undefined ? {} : { match }) }]);
      assert.equal(board.take(PULL)?.fault, hits ? 'hang' : undefined);
    });
  }

  test('each spoils as many requests as it says, then the next one has its turn', () => {
    const board = new FaultBoard([
      { fault: 'throttle', times: 2 },
      { fault: 'hang', times: 1 },
    ]);
    const seen = [1, 2, 3, 4].map(() => board.take(PULL)?.fault);
    assert.deepEqual(seen, ['throttle', 'throttle', 'hang', undefined]);
    assert.deepEqual(board.list(), []);
  });

  test('a miss does not use one up', () => {
    const board = new FaultBoard([{ fault: 'hang', times: 1, match: { method: 'PUT' } }]);
    assert.equal(board.take(PULL), undefined);
    assert.equal(board.take({ ...PULL, method: 'PUT' })?.fault, 'hang');
  });

  test('imports and requests have separate faults', () => {
    const board = new FaultBoard([{ fault: 'import-hangs' }, { fault: 'throttle' }]);
    assert.equal(board.take(PULL)?.fault, 'throttle');
    assert.equal(board.takeForImport({ ...PULL, method: 'POST' })?.fault, 'import-hangs');
  });

  test('clear and replace take back what was set', () => {
    const board = new FaultBoard([{ fault: 'hang' }]);
    board.replace([{ fault: 'throttle' }]);
    assert.equal(board.take(PULL)?.fault, 'throttle');
    board.clear();
    assert.equal(board.take(PULL), undefined);
  });

  const bad: readonly unknown[] = [
    { fault: 'explode' },
    { fault: 'hang', times: 0 },
    { fault: 'hang', times: 1.5 },
    { fault: 'hang', match: { path: '(' } },
    'hang',
    null,
  ];
  for (const fault of bad) {
    test(`${JSON.stringify(fault)} is refused, and nothing changes`, () => {
      const board = new FaultBoard([{ fault: 'throttle' }]);
      assert.throws(() => board.replace([fault as Fault]));
      assert.throws(() => board.set(fault as Fault));
      assert.deepEqual(board.list(), [{ fault: 'throttle' }]);
    });
  }
});
