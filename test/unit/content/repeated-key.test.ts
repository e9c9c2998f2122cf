import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { repeatedKey } from '../../../src/content/repeated-key.ts';

describe('a key that stands twice in one object', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['{"a":1,"b":2}', undefined],
    ['{"a":1,"a":2}', 'a'],
    ['{"a" : 1, "a"\n:2}', 'a'],
    ['{"layers":[],"Layers":[]}', 'Layers'],
    ['{"a":{"a":1},"b":{"a":2}}', undefined],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a":[{"b":1,"b":2}]}', 'b'],
    ['{"a":"a\\":","b":"{\\"a\\":1}"}', undefined],
    ['{"\\u0061":1,"a":2}', 'a'],
    ['{"a":"b","c":"b"}', undefined],
    // Go's encoding/json takes them for "layers" and "kind"
    ['{"layers":[],"layer\u017f":[]}', 'layer\u017f'],
    ['{"\u212aind":1,"kind":2}', 'kind'],
  ];
  for (const [text, expected] of rows) {
    it(`is ${expected ?? 'not found'} in ${text}`, () => assert.equal(repeatedKey(text), expected));
  }

  it('is never found in what JSON.stringify writes of keys that differ', () => {
    const keys = fc.string({ unit: fc.constantFrom('a', 'b', '"', '{', ':', '\\', '\n') });
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 0 })), (value) => {
        assert.equal(repeatedKey(JSON.stringify({ inside: [value] })), undefined);
      }),
    );
  });
});
