/** The side of Sluice from a written plan: the manifests are those of its digest, or nothing is compared. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { ofPlan } from '../../../src/cli/comparing/planned.ts';
import { packRelease } from '../../../src/cli/prepare-release.ts';
import type { Config } from '../../../src/config/config.ts';
import { GOOD, read } from '../config/written.ts';

const manifest = (level: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: iam }
spec:
  selector: { matchLabels: { app: iam } }
  template:
    metadata: { labels: { app: iam } }
    spec: { containers: [{ name: iam, image: iam, env: [{ name: LEVEL, value: ${level} }] }] }
`;

describe('when a comparison is with a plan', () => {
  let folder: string;
  let beside: string;
  let config: Config;
  const registries = createMemoryRegistries({ hosts: { dev: 'dev.test', production: 'production.test' } });
  const { reader, publisher } = registries.registry('dev');
  const readerOf = async () => reader;
  const digest = registries.push('dev', 'iam', {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    manifest: new TextEncoder().encode('{"schemaVersion":2}'),
    blobs: [],
    tag: '1.0.0',
  });
  const level = (text: string): void => {
    for (const environment of ['dev', 'production']) {
      mkdirSync(join(folder, environment), { recursive: true });
      writeFileSync(join(folder, environment, 'iam.yaml'), manifest(text));
    }
  };
  const pack = () => packRelease(config, { service: 'iam', version: '1.0.0', image: `iam@${digest}` }, readerOf);
  const planned = (manifests: string, more: object = {}): string => {
    const plan = { service: 'iam', version: '1.0.0', image: { repository: 'iam', digest }, manifests };
    const file = join(beside, 'plan.json');
    const answer = { ok: true, plan };
    writeFileSync(file, JSON.stringify({ promotions: [{ environment: 'production', answer }], ...more }));
    return file;
  };
  const refused = (file: string, environment = 'production') =>
    ofPlan(config, file, environment, readerOf).then(
      () => assert.fail('expected a refusal'),
      (error: Error) => error.message,
    );

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-planned-'));
    beside = mkdtempSync(join(tmpdir(), 'sluice-plans-'));
    config = { ...read(GOOD), manifests: { iam: folder } };
  });
  after(() => [folder, beside].forEach((one) => rmSync(one, { recursive: true })));

  test('the folder from which it was made is enough, for a plan publishes nothing', async () => {
    level('info');
    const { manifests } = await pack();
    const { service, objects } = await ofPlan(config, planned(manifests), 'production', readerOf);
    assert.equal(service, 'iam');
    assert.match(JSON.stringify(objects), new RegExp(`iam@${digest}`));
    assert.match(JSON.stringify(objects), /"LEVEL","value":"info"/);
  });

  test('when the folder has changed since, the published manifests of the digest count, and without those nothing is compared', async () => {
    level('warn');
    const { manifests, packed } = await pack();
    level('debug');
    assert.match(await refused(planned(manifests)), /has no manifest artefact of this digest/);
    await publisher.publish('iam', packed);
    const { objects } = await ofPlan(config, planned(manifests), 'production', readerOf);
    assert.match(JSON.stringify(objects), /"LEVEL","value":"warn"/);
  });

  test('what is no plan, none for that environment, or one that was refused says so', async () => {
    level('info');
    const { manifests } = await pack();
    assert.match(await refused(planned(manifests), 'dev'), /has no plan for dev/);
    assert.match(await refused(planned(manifests, { promotions: 1 })), /is no plan/);
    const no = { ok: false, refusal: { code: 'not-admitted', message: 'nobody let it in' } };
    const promotions = [{ environment: 'production', answer: no }];
    assert.match(await refused(planned(manifests, { promotions })), /was refused for production: nobody let it in/);
    assert.match(await refused(join(folder, 'nowhere.json')), /cannot be read: ENOENT/);
  });
});
