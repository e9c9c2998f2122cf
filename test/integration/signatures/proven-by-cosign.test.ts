/** What the real cosign signs and attests in a registry, judged by a zone and by "sluice verify" as a process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Zone } from '../../../activities/index.ts';
import type { StepAnswer } from '../../../src/contract/activities.ts';
import { acrResourceId, createAcrReader } from '../../../src/adapters/registry/acr/create-acr.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import type { Proof } from '../../../src/cli/verify-image.ts';
import type { ProofRules } from '../../../src/domain/proof.ts';
import type { EnvironmentRules } from '../../../src/domain/rulebook.ts';
import { type ClientProgram, skipWithout } from '../../clients/program.ts';
import { FORMS, startSigningCosign } from '../../clients/signing-cosign.ts';
import { planFor, run } from '../../support/activity-runs.ts';
import { aWorld, requestFor } from '../../support/memory-world.ts';
import { github } from '../../unit/policy/proofs/provenances.ts';
import { openVex, trivy } from '../../unit/policy/proofs/reports.ts';
import { OCI_IMAGE, type Probe, startProbe } from '../acr-emulator/probe.ts';
import { runSluice } from '../cli/run-sluice.ts';
import { credentialOf, registryOf } from '../registry/emulated.ts';

const BUILDER = 'https://github.com/org/repo/.github/workflows/release.yml@refs/heads/main';
const SOURCE = 'https://github.com/org/repo';
const SPDX = {
  ...{
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'iam',
    documentNamespace: 'https://example.test/iam',
  },
  packages: [{ name: 'openssl', SPDXID: 'SPDXRef-openssl' }],
};
const RULES: ProofRules = {
  signatures: { need: 'any', of: ['signatures'] },
  provenance: {
    by: ['signatures'],
    builders: [BUILDER],
    sources: [SOURCE],
    branches: ['refs/heads/main'],
    commit: true,
  },
  sbom: { by: ['signatures'], formats: ['spdx'] },
  vulnerabilities: {
    by: ['signatures'],
    noOlderThanMs: 86_400_000,
    most: { critical: 0 },
    exceptions: [],
    vexBy: ['signatures'],
  },
  predicates: [
    {
      ...{ name: 'tests', predicateType: 'https://example.test/tests/v1', by: ['signatures'] },
      ...{ expression: 'predicate.failed == 0', because: 'the tests have to pass' },
    },
  ],
};

describe('what cosign attests', { skip: skipWithout('cosign') }, () => {
  let probe: Probe;
  let cosign: ClientProgram;
  let folder: string;
  before(async () => {
    probe = await startProbe();
    cosign = await startSigningCosign(probe, 'cosign', 'stranger');
    cosign.loginAs('build', 'onestreamdev');
    folder = mkdtempSync(join(tmpdir(), 'sluice-proven-'));
    writeFileSync(join(folder, 'cosign.pub'), readFileSync(join(cosign.home, 'cosign.pub')));
    writeFileSync(join(folder, 'sluice.yaml'), configuration());
  });
  after(async () => {
    cosign.remove();
    rmSync(folder, { recursive: true, force: true });
    await probe.remove();
  });

  const OFFLINE = [...FORMS.bundle, '--yes'];

  async function signed(content: string): Promise<{ readonly digest: string; readonly reference: string }> {
    const { digest } = await probe.pushImage('iam', undefined, content);
    const reference = `${probe.loginServer('onestreamdev')}/iam@${digest}`;
    await cosign.output('sign', '--key', 'cosign.key', ...OFFLINE, reference);
    return { digest, reference };
  }

  async function attest(reference: string, type: string, predicate: unknown, key = 'cosign'): Promise<void> {
    writeFileSync(join(cosign.home, 'predicate.json'), JSON.stringify(predicate));
    const what = ['--type', type, '--predicate', 'predicate.json'];
    await cosign.output('attest', '--key', `${key}.key`, ...OFFLINE, ...what, reference);
  }

  /** Everything that the rules want, as of now; the parts are for what is to be wrong. */
  async function attestAll(reference: string, provenance: unknown = github()): Promise<void> {
    const now = new Date().toISOString();
    await attest(reference, 'slsaprovenance1', provenance);
    await attest(reference, 'spdxjson', SPDX);
    await attest(
      reference,
      'vuln',
      trivy(now, { id: 'CVE-1', severity: 'CRITICAL' }, { id: 'CVE-2', severity: 'LOW' }),
    );
    await attest(
      reference,
      'openvex',
      openVex({ vulnerability: { name: 'CVE-1' }, status: 'not_affected', justification: 'component_not_present' }),
    );
    await attest(reference, 'https://example.test/tests/v1', { failed: 0 });
  }

  /** Lets what is stated about one image refer to another: the bytes that are signed stay what they are. */
  async function moveStatements(from: string, to: string): Promise<void> {
    const token = await probe.token('build', 'onestreamdev', 'repository:iam:pull');
    const listed = await probe.ask('onestreamdev', 'GET', `/v2/iam/referrers/${from}`, { token });
    for (const { digest } of listed.json<{ manifests: { digest: string }[] }>().manifests) {
      const manifest = (await probe.ask('onestreamdev', 'GET', `/v2/iam/manifests/${digest}`, { token })).json();
      const moved = { ...manifest, subject: { ...manifest.subject, digest: to } };
      await probe.pushManifest('iam', undefined, Buffer.from(JSON.stringify(moved)), OCI_IMAGE);
    }
  }

  /** As the worker of the environment judges it, with the production adapters. */
  async function zoneSays(digest: string, proofs: ProofRules = RULES): Promise<StepAnswer> {
    const world = await aWorld({
      now: () => new Date(),
      rulebook: (rulebook) => {
        const dev = rulebook.environments['dev'] as EnvironmentRules;
        return { ...rulebook, environments: { ...rulebook.environments, dev: { ...dev, proofs } } };
      },
    });
    const request = requestFor(await planFor(world, await world.push('one'), '1.0.0', 'dev'));
    const registry = createAcrReader({
      loginServer: probe.loginServer('onestreamdev'),
      resourceId: acrResourceId(registryOf('dev')),
      ca: readFileSync(probe.emulator.caFile, 'utf8'),
      credential: credentialOf(probe.emulator, 'worker-dev'),
    });
    const pem = readFileSync(join(cosign.home, 'cosign.pub'), 'utf8');
    const signatures = createCosignSignatures({ signatures: [{ kind: 'key', file: 'cosign.pub', pem }] });
    const zone: Zone = { ...world.zones.dev, ports: { ...world.zones.dev.ports, registry, signatures } };
    const plan = { ...request.plan, image: { repository: 'iam', digest } };
    return run(zone, 'verifySignatures', { ...request, plan, at: 'source' });
  }

  function configuration(): string {
    const environment = (stage: 'dev' | 'staging'): string => {
      const { name, resourceGroup, subscription } = registryOf(stage);
      const ca = JSON.stringify(probe.emulator.caFile);
      return `  ${stage}:
    registry: { acr: ${name}, resourceGroup: ${resourceGroup}, subscription: ${subscription}, loginServer: "${probe.loginServer(name)}", endpoint: "${probe.emulator.resourceManager}", ca: ${ca} }
    cluster: { simulated: true }
`;
    };
    return `version: 1
path: [dev, staging]
environments:
${environment('dev')}${environment('staging')}    proofs:
      provenance: { by: [signatures], builders: ["${BUILDER}"], sources: ["${SOURCE}.git"], branches: [main], commit: required }
      sbom: { by: [signatures] }
      vulnerabilities: { by: [signatures], noOlderThan: 1d, most: { critical: 0 }, vexBy: [signatures] }
      predicates: [{ name: tests, type: "https://example.test/tests/v1", by: [signatures], cel: predicate.failed == 0, because: the tests have to pass }]
trust:
  signatures: [{ key: cosign.pub }]
services:
  iam: {}
`;
  }

  function sluiceVerify(reference: string, ...more: readonly string[]) {
    const env = { HOME: folder, NO_COLOR: '1', ...probe.emulator.hosts['pipeline']?.env };
    return runSluice(['verify', reference, '--environment', 'staging', '--at', 'dev', ...more], { env, cwd: folder });
  }

  test('is all that a zone and "sluice verify" want, each with its statement', async () => {
    const { digest, reference } = await signed('good');
    await attestAll(reference);
    const answer = await zoneSays(digest);
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.match(answer.facts['provenance'] ?? '', /release\.yml/);
    assert.match(answer.facts['vulnerabilities'] ?? '', /without CVE-1 by OpenVEX/);
    const { exit, out, err } = await sluiceVerify(`iam@${digest}`, '--json');
    assert.equal(exit, 0, out + err);
    const proof = JSON.parse(out) as Proof;
    assert.deepEqual(
      proof.verdicts.map((one) => [one.rule, one.answer]),
      ['signatures', 'provenance', 'sbom', 'vulnerabilities', 'predicate tests'].map((rule) => [rule, 'yes']),
    );
    for (const { statements } of proof.verdicts) assert.ok(statements.length > 0);
  });

  test('is refused when another builder made it, and "sluice verify --explain" shows what was expected and got', async () => {
    const { digest, reference } = await signed('evil');
    await attestAll(reference, github({ builder: 'https://evil.example.test/builder' }));
    const answer = await zoneSays(digest);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'provenance-refused');
    const { exit, out } = await sluiceVerify(reference, '--explain');
    assert.equal(exit, 3, out);
    assert.match(out, /✗ provenance/);
    assert.match(out, /in +sha256:[0-9a-f]{64}\n +expected +builder https:\/\/github\.com\/org\/repo/);
    assert.match(out, /got +sha256:[0-9a-f]{12}: built by https:\/\/evil\.example\.test\/builder/);
    assert.match(out, /not proven: staging refuses it for provenance/);
  });

  test('does not count when somebody else attests it', async () => {
    const { digest, reference } = await signed('stranger');
    await attest(reference, 'slsaprovenance1', github(), 'stranger');
    const { predicates: _, sbom: __, vulnerabilities: ___, ...rules } = RULES;
    const answer = await zoneSays(digest, rules);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'statement-untrusted');
  });

  test('of another type does not count', async () => {
    const { digest, reference } = await signed('another type');
    await attest(reference, 'custom', github());
    const { predicates: _, sbom: __, vulnerabilities: ___, ...rules } = RULES;
    const answer = await zoneSays(digest, rules);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'statement-other-type');
    assert.match(answer.refusal.got ?? '', /cosign\.sigstore\.dev\/attestation\/v1/);
  });

  test('about another image does not count when it is moved here', async () => {
    const good = await signed('the good one');
    await attest(good.reference, 'slsaprovenance1', github());
    const { digest } = await signed('the bad one');
    await moveStatements(good.digest, digest);
    const { predicates: _, sbom: __, vulnerabilities: ___, ...rules } = RULES;
    const answer = await zoneSays(digest, rules);
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.code, 'statement-other-image');
  });

  test('in the form of Cosign 2 counts like any other', async () => {
    const { digest, reference } = await signed('legacy');
    writeFileSync(join(cosign.home, 'predicate.json'), JSON.stringify(github()));
    const legacy = [...FORMS.legacy, '--yes'];
    const what = ['--type', 'slsaprovenance1', '--predicate', 'predicate.json'];
    await cosign.output('attest', '--key', 'cosign.key', ...legacy, ...what, reference);
    const { predicates: _, sbom: __, vulnerabilities: ___, ...rules } = RULES;
    const answer = await zoneSays(digest, rules);
    assert.ok(answer.ok, JSON.stringify(answer));
  });

  test('as SPDX without a form is text, and is read as the JSON that it is', async () => {
    const { digest, reference } = await signed('spdx as text');
    await attest(reference, 'spdx', SPDX);
    const { signatures, sbom } = RULES;
    const answer = await zoneSays(digest, { signatures, ...(sbom === undefined ? {} : { sbom }) });
    assert.ok(answer.ok, JSON.stringify(answer));
  });

  test('of an image that is not there is told apart from a no', async () => {
    const { exit } = await sluiceVerify('iam:nowhere');
    assert.equal(exit, 9);
  });
});
