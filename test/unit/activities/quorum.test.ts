/** From sluice.yaml to the zone: whose signatures an environment wants, with real keys in the registry. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { signaturesOf } from '../../../src/wiring/signatures.ts';
import { makeKey, signBundle, type TestKey } from '../../ports/signatures/signing.ts';
import { planFor, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, requestFor } from '../../support/memory-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-quorum-'));
after(() => rmSync(folder, { recursive: true }));

const [builder, scanner, stranger] = [makeKey(), makeKey(), makeKey()];
writeFileSync(join(folder, 'builder.pub'), builder.pem);
writeFileSync(join(folder, 'scanner.pub'), scanner.pem);

const NOBODY = { getToken: async () => null };

/** The zones of a configuration, with images of which the keys have signed. */
async function zonesOf(rule: string, trust: string): Promise<MemoryWorld> {
  const environment = (name: string): string => `
  ${name}:
    registry: { acr: onestream${name}, resourceGroup: rg, subscription: s, loginServer: ${name}.example.test }
    cluster: { simulated: true }
    proofs: { signatures: ${rule} }`;
  const file = join(folder, `${encodeURIComponent(rule)}.yaml`);
  writeFileSync(
    file,
    `version: 1\npath: [dev, staging]\nenvironments:${environment('dev')}${environment('staging')}\ntrust:\n${trust}\nservices: { iam: { health: false } }\n`,
  );
  const config = await loadConfig(file);
  const proofs = config.rulebook.environments['staging']?.proofs;
  assert.ok(proofs !== undefined);
  const world = await aWorld({
    rulebook: (rulebook) => ({
      ...rulebook,
      environments: Object.fromEntries(
        Object.entries(rulebook.environments).map(([name, one]) => [name, { ...one, proofs }] as const),
      ),
    }),
  });
  const signatures = signaturesOf(config, NOBODY);
  const { dev, staging } = world.zones;
  const zones = {
    dev: { ...dev, ports: { ...dev.ports, signatures } },
    staging: { ...staging, ports: { ...staging.ports, signatures } },
  };
  return { ...world, zones };
}

async function judged(world: MemoryWorld, ...keys: readonly TestKey[]): Promise<string> {
  const pushed = await world.push('one');
  for (const key of keys) push(world, pushed.digest, key);
  const request = requestFor(await planFor(world, pushed, '1.0.0'));
  const source = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
  const admitted = await run(world.zones.staging, 'admit', request);
  const said = (answer: { ok: true } | { ok: false; refusal: { code: string; message: string } }): string =>
    answer.ok ? 'yes' : answer.refusal.code;
  assert.equal(said(admitted), said(source), 'the door says what the first look said');
  return source.ok ? `yes: ${source.facts['signer']}` : `${source.refusal.code}: ${source.refusal.message}`;
}

function push(world: MemoryWorld, image: Digest, key: TestKey): void {
  const { manifest, blobs } = signBundle(image, key);
  world.registries.push('dev', 'iam', {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    manifest,
    blobs: blobs.map((bytes) => Buffer.from(bytes)),
  });
}

const SEPARATE = '  signers: { builder: [{ key: builder.pub }], scanner: [{ key: scanner.pub }] }';

describe('when an environment wants the signatures of each of several signers', () => {
  const wanting = (trust = SEPARATE) => zonesOf('{ all: [builder, scanner] }', trust);

  it('both let it in, and the evidence names both', async () => {
    assert.match(await judged(await wanting(), builder, scanner), /^yes: key builder\.pub .* and key scanner\.pub /);
  });

  it('one missing keeps it out, and is named', async () => {
    assert.match(
      await judged(await wanting(), builder),
      /^signature-incomplete: .* is signed by builder, and not by scanner$/,
    );
    assert.match(
      await judged(await wanting(), scanner),
      /^signature-incomplete: .* is signed by scanner, and not by builder$/,
    );
  });

  it('one who signs twice is still one', async () => {
    assert.match(await judged(await wanting(), builder, builder), /^signature-incomplete/);
  });

  it('a stranger beside one of them changes nothing', async () => {
    assert.match(await judged(await wanting(), builder, stranger), /^signature-incomplete/);
  });

  it('strangers alone, and nobody, have words of their own', async () => {
    assert.match(await judged(await wanting(), stranger), /^signature-untrusted/);
    assert.match(await judged(await wanting()), /^signature-missing/);
  });

  it('one key signs for both names only where it is listed under both', async () => {
    const shared =
      '  signers: { builder: [{ key: builder.pub }], scanner: [{ key: scanner.pub }, { key: builder.pub }] }';
    assert.match(await judged(await wanting(shared), builder), /^yes/);
    assert.match(await judged(await wanting(shared), scanner), /^signature-incomplete/);
  });
});

describe('when an environment wants the signature of one of several signers', () => {
  it('any of them suffices, and a stranger does not', async () => {
    const wanting = () => zonesOf('{ any: [builder, scanner] }', SEPARATE);
    assert.match(await judged(await wanting(), scanner), /^yes: key scanner\.pub/);
    assert.match(await judged(await wanting(), stranger), /^signature-untrusted/);
  });

  it('somebody whom it does not name is a stranger to it, whoever else trusts them', async () => {
    const trust = `  signatures: [{ key: scanner.pub }]\n${SEPARATE}`;
    assert.match(await judged(await zonesOf('{ any: [builder] }', trust), scanner), /^signature-untrusted/);
    assert.match(await judged(await zonesOf('{ any: [signatures] }', trust), scanner), /^yes/);
  });
});
