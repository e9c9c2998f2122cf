import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorRefusal, authorsIn } from '../../../src/policy/author-policy.ts';

const TYPE = 'https://slsa.dev/provenance/v1';
const claim = (...at: string[]) => [{ predicateType: TYPE, at }];
const stated = (predicate: Record<string, unknown>, predicateType = TYPE) => ({ predicateType, predicate });

describe('who made an image, by its provenance', () => {
  test('a name, or each of a list of names, at any of the places, once and in order', () => {
    const predicate = { build: { actor: ' zoe ', authors: ['ada', 'zoe', '', 7, null] }, by: 'bob' };
    const claims = claim('/build/authors', '/build/actor', '/by', '/nowhere/at/all');
    assert.deepEqual(authorsIn(claims, [stated(predicate)]), ['ada', 'bob', 'zoe']);
  });

  test('several statements add up: none of them can hide what another says', () => {
    const statements = [stated({ by: 'ada' }), stated({ by: 'bob' }), stated({ by: [] })];
    assert.deepEqual(authorsIn(claim('/by'), statements), ['ada', 'bob']);
  });

  test('a statement of another type says nothing', () => {
    assert.deepEqual(authorsIn(claim('/by'), [stated({ by: 'ada' }, 'https://example.test/other')]), []);
  });

  test('pointers are those of RFC 6901: escaped keys, and places in a list', () => {
    const predicate = { 'a/b': { 'm~n': ['ada', 'bob'] } };
    assert.deepEqual(authorsIn(claim('/a~1b/m~0n/1'), [stated(predicate)]), ['bob']);
  });

  test('what every object has is nobody', () => {
    const statements = [stated({ by: 'ada' })];
    for (const pointer of ['/constructor/name', '/__proto__/x', '/by/length', '/toString/name'])
      assert.deepEqual(authorsIn(claim(pointer), statements), [], pointer);
  });

  test('the refusal says where a name was looked for', () => {
    const refusal = authorRefusal(claim('/by', '/actor'), 'iam@sha256:abc', 'dev.example.test');
    assert.equal(refusal.code, 'author-unknown');
    assert.equal(refusal.expected, `a signed statement: ${TYPE} with /by or /actor`);
  });
});
