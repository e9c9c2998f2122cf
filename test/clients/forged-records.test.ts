/** Records that the real `cosign` has forged, in a real registry: each is refused under its own code. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { PROMOTION_PREDICATE } from '../../src/evidence/record-predicate.ts';
import { proveRecords } from '../../src/proofs/prove-records.ts';
import { Probe } from '../integration/acr-emulator/probe.ts';
import { type Emulated, startEmulated } from '../integration/registry/emulated.ts';
import { importInto, sampleImage } from '../ports/registry/subject.ts';
import { aStatement } from '../unit/evidence/sample.ts';
import { type ClientProgram, skipWithout } from './program.ts';
import { FORMS, startSigningCosign } from './signing-cosign.ts';

const KEYS = ['dev', 'staging', 'stranger'] as const;
type Key = (typeof KEYS)[number];

describe('records that cosign has made', { skip: skipWithout('cosign') }, () => {
  let emulated: Emulated;
  let cosign: ClientProgram;
  before(async () => {
    emulated = await startEmulated({ importDurationMs: 1 });
    cosign = await startSigningCosign(new Probe(emulated.emulator, ''), ...KEYS);
    cosign.loginAs('worker-staging', 'onestreamstaging');
  });
  after(async () => {
    cosign.remove();
    await emulated.close();
  });

  async function anImage(seed: string): Promise<Digest> {
    const image = sampleImage(seed);
    await emulated.push('iam', image);
    await importInto(emulated.subject(), 'iam', image.manifestDigest);
    return image.manifestDigest;
  }

  /** What staging's worker would have signed about an image. */
  function predicateOf(digest: Digest): object {
    return aStatement({ registry: emulated.acr('staging', 'worker-staging').reader.host, digest }).predicate;
  }

  async function attest(image: Digest, key: Key, predicate: object, type = PROMOTION_PREDICATE): Promise<void> {
    writeFileSync(join(cosign.home, 'predicate.json'), JSON.stringify(predicate));
    const what = ['--type', type, '--predicate', 'predicate.json', '--key', `${key}.key`];
    const { host } = emulated.acr('staging', 'worker-staging').reader;
    const how = [...FORMS.bundle, '--yes'];
    await cosign.output('attest', ...what, ...how, `${host}/iam@${image}`);
  }

  /** What production's worker says, which knows the environments by their public keys. */
  async function verdict(digest: Digest, service = 'iam'): Promise<string> {
    const key = (name: Key) => [
      { kind: 'key' as const, file: `${name}.pub`, pem: readFileSync(join(cosign.home, `${name}.pub`), 'utf8') },
    ];
    const recorders = createCosignSignatures({ dev: key('dev'), staging: key('staging') });
    const { reader: registry } = emulated.acr('staging', 'worker-production');
    const rules = { records: [{ of: 'staging' }] };
    const [one] = await proveRecords(recorders, { registry, image: { repository: 'iam', digest }, rules, service });
    return one?.answer === 'no' ? (one.refusal?.code ?? '') : (one?.answer ?? '');
  }

  test('by the environment itself, with its own key, count', async () => {
    const image = await anImage('honest');
    assert.equal(await verdict(image), 'record-missing');
    await attest(image, 'staging', predicateOf(image));
    assert.equal(await verdict(image), 'yes');
  });

  test('in the name of the environment, with the key of another one, are untrusted', async () => {
    const image = await anImage('forged with the key of dev');
    await attest(image, 'dev', predicateOf(image));
    assert.equal(await verdict(image), 'record-untrusted');
  });

  test('by a key that no environment has are untrusted', async () => {
    const image = await anImage('forged by a stranger');
    await attest(image, 'stranger', predicateOf(image));
    assert.equal(await verdict(image), 'record-untrusted');
  });

  test('about another image, another service, or of another type, are none', async () => {
    const [image, other] = [await anImage('this one'), await anImage('the other one')];
    await attest(other, 'staging', predicateOf(other));
    assert.equal(await verdict(image), 'record-missing');
    assert.equal(await verdict(other, 'another-service'), 'record-missing');
    await attest(image, 'staging', predicateOf(image), 'https://example.test/promotion/v1');
    assert.equal(await verdict(image), 'record-missing');
  });

  test('whose plan is about another image than they are attached to are untrusted', async () => {
    const [image, other] = [await anImage('attached here'), await anImage('planned there')];
    await attest(image, 'staging', predicateOf(other));
    assert.equal(await verdict(image), 'record-untrusted');
  });

  test('that say less than a record must, or that nothing was promoted, are untrusted', async () => {
    const image = await anImage('half a record');
    await attest(image, 'staging', { ...predicateOf(image), outcome: 'aborted' });
    await attest(image, 'staging', { outcome: 'promoted', to: { environment: 'staging' } });
    assert.equal(await verdict(image), 'record-untrusted');
  });

  test('do no harm beside an honest one', async () => {
    const image = await anImage('both');
    await attest(image, 'stranger', predicateOf(image));
    await attest(image, 'staging', predicateOf(image));
    assert.equal(await verdict(image), 'yes');
  });
});
