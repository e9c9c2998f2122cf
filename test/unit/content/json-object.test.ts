import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonObject } from '../../../src/content/json-object.ts';

const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('JSON of which nothing is known', () => {
  it('is read where it is an object', () => assert.deepEqual(jsonObject('{"a":[{"b":null}]}'), { a: [{ b: null }] }));

  for (const text of ['', '{', '[]', 'null', '1', '"a"'])
    it(`is none where it is ${text || 'nothing'}`, () => assert.equal(jsonObject(text), undefined));

  it('is none where it is nested so deeply that whoever walks through it would never come back', () => {
    assert.notEqual(jsonObject(nested(100)), undefined);
    for (const levels of [1_000, 1_000_000]) assert.equal(jsonObject(nested(levels)), undefined);
  });
});
