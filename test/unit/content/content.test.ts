import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CanonicalJsonError, canonicalJson } from '../../../src/content/canonical-json.ts';
import { digestOf, digestOfJson } from '../../../src/content/digest-of.ts';

describe('when a value is written as canonical JSON', () => {
  test('the example of RFC 8785 section 3.2.2 comes out as section 3.2.3 prints it', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\u000aA\'\u0042\u0022\u005c\\\"\/',
      literals: [null, true, false],
    };
    assert.equal(
      canonicalJson(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('members are ordered by UTF-16 code unit, as RFC 8785 section 3.2.3 shows', () => {
    const keys = ['€', '\r', '\ufb33', '1', '😀', '\u0080', 'ö'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    assert.deepEqual(Object.keys(JSON.parse(text) as object), ['1', '\r', '\u0080', 'ö', '€', '😀', '\ufb33']);
  });

  test('members without a value are left out', () => {
    assert.equal(canonicalJson({ b: undefined, a: [undefined], c: { d: undefined } }), '{"a":[null],"c":{}}');
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const [name, value] of [
    ['NaN', { n: NaN }],
    ['an infinity', [-Infinity]],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate as a key', { '\udfff': 1 }],
    ['a cycle', cyclic],
    ['a BigInt', { n: 1n }],
    ['a bare undefined', undefined],
    ['a bare function', () => 1],
  ] as const) {
    test(`${name} is refused`, () => assert.throws(() => canonicalJson(value), CanonicalJsonError));
  }

  test('the text parses back to the same value and does not depend on the order of members', () => {
    const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 });
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        assert.equal(canonicalJson(JSON.parse(text)), text);
        assert.equal(canonicalJson(reversed(value)), text);
        assert.equal(JSON.stringify(JSON.parse(text)).length, text.length);
      }),
    );
  });
});

describe('when content is hashed', () => {
  test('the digest is SHA-256 of the bytes, a string counting as UTF-8', () => {
    const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const abc = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.equal(digestOf(''), empty);
    assert.equal(digestOf(new Uint8Array()), empty);
    assert.equal(digestOf('abc'), abc);
    assert.equal(digestOf('ä'), digestOf(new Uint8Array([0xc3, 0xa4])));
  });

  test('a view into a larger buffer is hashed without its surroundings', () => {
    assert.equal(digestOf(Buffer.from('xabcx').subarray(1, 4)), digestOf('abc'));
  });

  test('a JSON value has the digest of its canonical text', () => {
    assert.equal(digestOfJson({ b: 1, a: 2 }), digestOf('{"a":2,"b":1}'));
    assert.notEqual(digestOfJson({ a: 1 }), digestOfJson({ a: '1' }));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).reverse();
  return Object.fromEntries(pairs.map(([key, member]) => [key, reversed(member)]));
}
