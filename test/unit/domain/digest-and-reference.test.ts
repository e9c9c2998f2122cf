import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { digestFromHex, DigestError, hexOf, isDigest, parseDigest, shortDigest } from '../../../src/domain/digest.ts';
import { formatImage, ImageReferenceError, isTag, parseImageReference } from '../../../src/domain/image-reference.ts';
import { isName, isVersion } from '../../../src/domain/names.ts';

const HEX = 'ab'.repeat(32);
const DIGEST = `sha256:${HEX}`;

describe('a digest', () => {
  it('is parsed only in its one form', () => {
    assert.equal(parseDigest(DIGEST), DIGEST);
    assert.equal(hexOf(digestFromHex(HEX)), HEX);
    assert.equal(shortDigest(DIGEST), `sha256:${HEX.slice(0, 12)}`);
  });
  for (const text of [
    '',
    'latest',
    HEX,
    `sha256:${HEX}0`,
    `sha256:${HEX.toUpperCase()}`,
    `sha512:${HEX}`,
    ` ${DIGEST}`,
    `${DIGEST}\n`,
    'sha256:',
  ]) {
    it(`is not ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.equal(isDigest(text), false);
      assert.throws(() => parseDigest(text), DigestError);
    });
  }
});

describe('an image reference', () => {
  for (const [text, expected] of [
    ['iam:1.0', { repository: 'iam', tag: '1.0' }],
    [`iam@${DIGEST}`, { repository: 'iam', digest: DIGEST }],
    [`iam:1.0@${DIGEST}`, { repository: 'iam', tag: '1.0', digest: DIGEST }],
    ['127.0.0.1:16501/iam:1.0', { registry: '127.0.0.1:16501', repository: 'iam', tag: '1.0' }],
    [
      'onestreamdev.azurecr.io/team/iam:1.0',
      { registry: 'onestreamdev.azurecr.io', repository: 'team/iam', tag: '1.0' },
    ],
    ['localhost/iam:1', { registry: 'localhost', repository: 'iam', tag: '1' }],
    ['team/iam:1', { repository: 'team/iam', tag: '1' }],
  ] as const) {
    it(`reads ${text.slice(0, 40)}`, () => assert.deepEqual(parseImageReference(text), expected));
  }
  for (const text of [
    '',
    'iam',
    'IAM:1',
    'iam:',
    'iam@',
    'iam@sha256:12',
    'iam:1@latest',
    'a//b:1',
    '/iam:1',
    'iam:1:2',
    'iam:-1',
    '../iam:1',
  ]) {
    it(`refuses ${JSON.stringify(text)} and says what it expected`, () => {
      assert.throws(
        () => parseImageReference(text),
        (error) => error instanceof ImageReferenceError && /expected/.test(error.message),
      );
    });
  }
  it('is written as it was read', () => {
    const hex = fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
      .map((all) => all.join(''));
    const repository = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}$/);
    fc.assert(
      fc.property(repository, hex, (name, digits) => {
        const image = { repository: name, digest: digestFromHex(digits) };
        assert.deepEqual(parseImageReference(formatImage(image, 'r.example:5000')), {
          registry: 'r.example:5000',
          ...image,
        });
      }),
    );
  });
});

describe('a name', () => {
  it('is safe as task queue, label and workflow id', () => {
    assert.deepEqual(['iam', 'a', 'a-b', 'x'.repeat(63)].map(isName), [true, true, true, true]);
    assert.deepEqual(['', '-a', 'a-', 'A', 'a/b', 'a_b', 'x'.repeat(64)].map(isName), [
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
  it('of a version is a registry tag', () => {
    assert.deepEqual(['2026.11.3-ab12cd', 'v1', '_x'].map(isVersion), [true, true, true]);
    assert.deepEqual(['', '.1', '-1', 'a/b', 'a b', 'x'.repeat(129), 'a\n'].map(isVersion), [
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    assert.equal(isTag('a'.repeat(128)), true);
  });
});
