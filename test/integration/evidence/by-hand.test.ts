/** What docs/evidence.md tells an auditor to type is typed here, as it stands there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_KEYS } from '../../../examples/images.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { openArchive, packArchive } from '../../../src/evidence/archive.ts';
import type { Evidence } from '../../../src/evidence/gather.ts';
import { altered, aReleaseWithEvidence } from '../../support/evidence.ts';
import { aPerson } from '../../support/people.ts';
import { runSluice, type Ran } from '../cli/run-sluice.ts';

const PAGE = readFileSync(new URL('../../../docs/evidence.md', import.meta.url), 'utf8');
const [BY_HAND = ''] = PAGE.slice(PAGE.indexOf('## By hand')).split('\n## ');
const BLOCKS = [...BY_HAND.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);

const cosign = toolPath('cosign');
const skip = cosign !== undefined || process.env['CI'] ? false : 'cosign is not installed: npm run setup';

const CONFIG = `version: 1
path: [dev, production]
environments:
  dev:
    registry: { acr: dev, resourceGroup: rg, subscription: sub, loginServer: dev.example.test }
    cluster: { simulated: true }
    records: { key: { variable: DEV_RECORD_KEY }, publicKey: keys/dev.pub }
  production:
    registry: { acr: prod, resourceGroup: rg, subscription: sub, loginServer: production.example.test }
    cluster: { simulated: true }
    approvals: [{ required: 2, from: [release-managers] }]
    records: { key: { variable: PRODUCTION_RECORD_KEY }, publicKey: keys/production.pub }
trust:
  signatures: [{ key: keys/cosign.pub }]
  approvers:
    incident-managers: [{ name: margaret, key: keys/margaret.pub }, { name: Ünal / 1, key: keys/unal.pub }]
    release-managers: [{ name: grace, key: keys/grace.pub }, { name: linus, key: keys/linus.pub }]
services:
  iam: {}
`;

describe('when an auditor has a file of evidence and a trust folder', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-by-hand-'));
  let evidence: Evidence;
  let written: Ran;

  before(async () => {
    const release = await aReleaseWithEvidence();
    evidence = await release.evidence();
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'sluice.yaml'), CONFIG);
    cpSync(fileURLToPath(EXAMPLE_KEYS.trusted), join(folder, 'keys/cosign.pub'));
    const others = [aPerson('margaret'), aPerson('unal')];
    for (const { name, pem } of [...others, ...Object.values(release.people), ...Object.values(release.keys)])
      writeFileSync(join(folder, `keys/${name}.pub`), pem);
    written = await runSluice(['evidence', 'trust', '--out', 'trust'], { cwd: folder });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** In a folder of its own, with the trust folder of the configuration. */
  async function desk(bytes: Uint8Array): Promise<string> {
    const own = mkdtempSync(join(folder, 'desk-'));
    cpSync(join(folder, 'trust'), join(own, 'trust'), { recursive: true });
    writeFileSync(join(own, 'iam.evidence.tar'), bytes);
    return own;
  }

  function typed(cwd: string, script: string): Promise<Ran> {
    const path = `${dirname(cosign ?? '')}:${process.env['PATH'] ?? ''}`;
    return new Promise((resolve) => {
      execFile('bash', ['-euo', 'pipefail', '-c', script], { cwd, env: { PATH: path, HOME: cwd } }, (error, out, err) =>
        resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  }

  const verify = (cwd: string, ...options: readonly string[]): Promise<Ran> =>
    runSluice(['evidence', 'verify', 'iam.evidence.tar', '--trust', 'trust/trust.yaml', ...options], { cwd });

  test('the trust folder is written from the configuration, and needs nothing else', async () => {
    assert.equal(written.exit, 0, written.err);
    const text = readFileSync(join(folder, 'trust/trust.yaml'), 'utf8');
    assert.match(text, /release-managers:/);
    assert.match(text, /required: 2/);
    assert.match(text, /name: grace\n +key: approvers\/grace-1\.pub/);
    assert.match(
      text,
      /name: Ünal \/ 1\n +key: approvers\/2-1\.pub/,
      'what is no name of a file stays outside of paths',
    );
  });

  test('the command line proves what the file should prove, and says by whom', async () => {
    const { exit, out, err } = await verify(await desk(evidence.bytes), '--digest', evidence.name);
    assert.equal(exit, 0, `${out}\n${err}`);
    assert.match(out, /yes: nothing is wrong/);
    assert.match(out, /by grace \(key, .*\), linus \(key/);
    assert.match(out, /by production \(key production\.pub sha256:/);
    assert.match(out, /by signatures \(key signatures-1\.pub sha256:[0-9a-f]{12}\)/);
  });

  test('every command of the document does what it says there', async () => {
    assert.ok(BLOCKS.length >= 6, String(BLOCKS.length));
    const { exit, out, err } = await typed(await desk(evidence.bytes), BLOCKS.join('\n'));
    assert.equal(exit, 0, `${out}\n${err}`);
    assert.ok(out.includes(evidence.name.slice('sha256:'.length)), 'the name of the evidence is printed');
    assert.match(out, /"kind": "released"/);
    assert.match(out, /Signature Verified Successfully/, 'of grace, by a key on Ed25519');
    assert.equal(out.match(/^Verified OK$/gm)?.length, 2, 'of linus, by a key on P-256, and of the image');
    assert.deepEqual(
      [...out.matchAll(/"outcome": "promoted"[\s\S]*?"environment": "(\w+)"/g)].map(([, name]) => name).toSorted(),
      ['dev', 'production'],
    );
  });

  test('by hand and by the command line the same things are found to be wrong', async () => {
    const parts = await openArchive(evidence.bytes);
    const other = (path: RegExp): Promise<Buffer> =>
      packArchive(
        parts.map((part) => (path.test(part.path) ? { ...part, bytes: Buffer.from(`${part.bytes} `) } : part)),
      );
    const swapped = (path: string, by: string): Promise<Buffer> =>
      altered(evidence.bytes, (all) =>
        all.map((part) => (part.path === path ? { path, bytes: all.find((one) => one.path === by)!.bytes } : part)),
      );
    const cases: Readonly<Record<string, Buffer>> = {
      'a changed history': await other(/^histories\/release/),
      'a changed plan': await other(/production\/1\/plan/),
      'a missing part': await packArchive(parts.filter((one) => one.path !== 'promotions/dev/1/plan.json')),
      "one person's answer for another's": await swapped(
        'promotions/production/1/statements/1.jws',
        'promotions/production/1/statements/2.jws',
      ),
      'the plan of another environment': await swapped(
        'promotions/production/1/plan.json',
        'promotions/dev/1/plan.json',
      ),
    };
    for (const [what, bytes] of Object.entries(cases)) {
      const cwd = await desk(bytes);
      assert.notEqual((await typed(cwd, BLOCKS.join('\n'))).exit, 0, `by hand: ${what}`);
      assert.equal((await verify(cwd)).exit, 3, `sluice: ${what}`);
    }
  });

  test('what the trust file wants stated and nobody trusted has stated is missing', async () => {
    const cwd = await desk(evidence.bytes);
    const file = join(cwd, 'trust/trust.yaml');
    const proofs = 'proofs: { sbom: { by: [signatures] } }';
    writeFileSync(file, readFileSync(file, 'utf8').replace('  production:\n', `  production:\n    ${proofs}\n`));
    const { exit, out, err } = await verify(cwd);
    assert.equal(exit, 3, err);
    assert.match(out, /demanded and not proven\n.*proof +promotion into production: sbom/);
  });

  test('a signer of whom nothing can be verified without asking stands in the trust folder, and has signed nothing', async () => {
    const own = mkdtempSync(join(folder, 'vault-'));
    cpSync(join(folder, 'keys'), join(own, 'keys'), { recursive: true });
    const vault = 'https://acme.vault.azure.net/keys/scanner/0123456789abcdef0123456789abcdef';
    const config = CONFIG.replace('  approvers:', `  signers: { scanner: [{ vault: '${vault}' }] }\n  approvers:`);
    const wanted = '    proofs: { signatures: { all: [signatures, scanner] } }\n    approvals:';
    writeFileSync(join(own, 'sluice.yaml'), config.replace('    approvals:', wanted));
    writeFileSync(join(own, 'iam.evidence.tar'), evidence.bytes);
    const { exit, err } = await runSluice(['evidence', 'trust', '--out', 'trust'], { cwd: own });
    assert.deepEqual([exit, /left out: scanner: https:/.test(err)], [0, true], err);
    const verdict = await verify(own);
    assert.equal(verdict.exit, 3, verdict.err);
    assert.match(verdict.out, /demanded and not proven\n.*signature .*as production wants\n +not by scanner/);
  });

  test('a place where nothing can be written and an environment that nobody knows are mistakes of the call', async () => {
    const trust = await runSluice(['evidence', 'trust', '--out', 'sluice.yaml/trust'], { cwd: folder });
    assert.deepEqual(
      [trust.exit, /input-invalid: .*sluice\.yaml\/trust.* cannot be written/.test(trust.err)],
      [2, true],
    );
    const left = ['evidence', 'export', 'iam', '2026.11.3', '--without', 'prodution'];
    const { exit, err } = await runSluice(left, { cwd: folder });
    assert.deepEqual([exit, /environment-unknown: .*"prodution".*production/.test(err)], [2, true], err);
  });

  test('a file that is none, and a trust file with a mistake, are told apart from a no', async () => {
    const cwd = await desk(Buffer.from('hello'));
    const none = await verify(cwd);
    assert.equal(none.exit, 2);
    assert.match(none.err, /evidence-unreadable: iam\.evidence\.tar: it is no whole tar archive/);
    writeFileSync(join(cwd, 'trust/trust.yaml'), 'version: 1\ntrust: { signature: [] }\n');
    const wrong = await verify(cwd, '--json');
    assert.equal(wrong.exit, 2);
    assert.match(wrong.err, /config-invalid.*trust\.yaml:2:10.*unknown key/);
    const absent = await runSluice(['evidence', 'verify', 'x.tar', '--trust', 'nowhere.yaml'], { cwd });
    assert.deepEqual([absent.exit, /config-missing/.test(absent.err)], [2, true]);
    const folder = await verify(cwd, '--trust', 'trust');
    assert.match(folder.err, /config-missing[^]*is a folder[^]*trust\/trust\.yaml/);
    writeFileSync(join(cwd, 'trust/trust.yaml'), 'version: 1\ntrust: { approvers: unproven }\n');
    const lost = await runSluice(['evidence', 'verify', 'lost.tar', '--trust', 'trust/trust.yaml'], { cwd });
    assert.match(lost.err, /evidence-unreadable: lost\.tar: it cannot be read\n +got +no such file\n/);
  });
});
