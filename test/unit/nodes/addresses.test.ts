import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressPool } from '../../../local/nodes/addresses.ts';

describe('a pool of loopback addresses', () => {
  test('gives each owner one, the first free one, and the same again', () => {
    const pool = addressPool('127.0.0.254', 3);
    assert.deepEqual([pool.take('a'), pool.take('b'), pool.take('c')], ['127.0.0.254', '127.0.0.255', '127.0.1.0']);
    assert.equal(pool.take('b'), '127.0.0.255');
    assert.equal(pool.take('d'), undefined);
    pool.release('b');
    assert.equal(pool.take('d'), '127.0.0.255');
  });

  test('gives a wanted address while it is in the range and free', () => {
    const pool = addressPool('127.0.0.10', 4);
    assert.equal(pool.take('a', '127.0.0.12'), '127.0.0.12');
    assert.equal(pool.take('b', '127.0.0.12'), '127.0.0.10');
    assert.equal(pool.take('c', '127.0.0.99'), '127.0.0.11');
  });

  const REACHABLE: [string, number][] = [
    ['10.0.0.1', 1],
    ['0.0.0.0', 1],
    ['126.255.255.255', 2],
    ['127.255.255.255', 2],
    ['localhost', 1],
    ['::1', 1],
    ['127.0.0.10', 0],
  ];
  for (const [first, count] of REACHABLE) {
    test(`refuses ${count} from ${first}`, () => assert.throws(() => addressPool(first, count), /expected 1 or more/));
  }
});
