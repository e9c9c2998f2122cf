import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { derSignature } from '../../../src/content/ecdsa-signature.ts';

describe('when both numbers of a signature stand side by side', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  test('the same signature in DER is what OpenSSL verifies, also where numbers begin with zeros', () => {
    for (let index = 0; index < 500; index += 1) {
      const bytes = Buffer.from(String(index));
      const raw = sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const der = derSignature(raw);
      assert.ok(der !== undefined && verify('sha256', bytes, publicKey, der), raw.toString('hex'));
    }
  });

  test('numbers are written in the shortest form that is not negative', () => {
    const raw = Buffer.alloc(64);
    raw[31] = 0x80;
    raw[63] = 1;
    assert.equal(Buffer.from(derSignature(raw) ?? []).toString('hex'), '300702020080020101');
    assert.equal(Buffer.from(derSignature(Buffer.alloc(64)) ?? []).toString('hex'), '3006020100020100');
  });

  test('what is no two numbers of the curve is none', () => {
    for (const length of [0, 63, 65, 96]) assert.equal(derSignature(Buffer.alloc(length)), undefined);
  });
});
