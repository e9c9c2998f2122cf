import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDigest } from '../../../src/domain/digest.ts';
import { type Revocation, revocationInWords, revocationOf, type Revoked } from '../../../src/domain/revocation.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const other = parseDigest(`sha256:${'b'.repeat(64)}`);
const since = '2026-11-01T00:00:00Z';
const after = new Date('2026-11-02T00:00:00Z');
const revoked = (what: Revoked): Revocation => ({ what, since, why: 'laptop stolen', by: 'ada' });

const things: Readonly<Record<string, readonly [Revoked, Revoked]>> = {
  'a key': [
    { kind: 'key', fingerprint: digest },
    { kind: 'key', fingerprint: other },
  ],
  'a key in a vault': [
    { kind: 'vault', url: 'https://v.test/keys/a/1' },
    { kind: 'vault', url: 'https://v.test/keys/a/2' },
  ],
  'an identity': [
    { kind: 'identity', issuer: 'https://i.test', subject: 's' },
    { kind: 'identity', issuer: 'https://j.test', subject: 's' },
  ],
  'an image': [
    { kind: 'digest', digest },
    { kind: 'digest', digest: other },
  ],
};

describe('when it is asked what is revoked', () => {
  for (const [name, [one, another]] of Object.entries(things))
    test(`${name} is found, and only that`, () => {
      assert.deepEqual(revocationOf([revoked(one)], [another, one], after), revoked(one));
      assert.equal(revocationOf([revoked(one)], [another], after), undefined);
    });

  test('a key in a vault is the same in whatever case its address is written', () => {
    const one = revoked({ kind: 'vault', url: 'https://V.test:443/keys/Cosign/0A' });
    assert.equal(revocationOf([one], [{ kind: 'vault', url: 'https://v.test/keys/cosign/0a' }], after), one);
    assert.equal(revocationOf([one], [{ kind: 'vault', url: 'https://v.test/keys/cosign/0b' }], after), undefined);
  });

  test('a key and an image with the same digest are different things', () => {
    assert.equal(
      revocationOf([revoked({ kind: 'key', fingerprint: digest })], [{ kind: 'digest', digest }], after),
      undefined,
    );
  });

  test('it begins at the moment that is written, not before', () => {
    const list = [revoked({ kind: 'digest', digest })];
    assert.notEqual(revocationOf(list, [{ kind: 'digest', digest }], new Date(since)), undefined);
    assert.equal(revocationOf(list, [{ kind: 'digest', digest }], new Date(Date.parse(since) - 1)), undefined);
  });

  test('it is told with since when, by whom and why', () => {
    assert.equal(
      revocationInWords(revoked({ kind: 'digest', digest })),
      'revoked since 2026-11-01T00:00:00Z by ada: laptop stolen',
    );
  });
});
