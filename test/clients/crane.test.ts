/** `crane` pushes, pulls, copies and lists, and is refused like everybody else. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { startProbe, type Probe } from '../integration/acr-emulator/probe.ts';
import { ClientProgram, skipWithout } from './program.ts';

describe('crane', { skip: skipWithout('crane') }, () => {
  let probe: Probe;
  let crane: ClientProgram;
  let dev: string;
  let digest: string;
  before(async () => {
    probe = await startProbe({ redirectBlobs: true });
    crane = new ClientProgram('crane', probe);
    dev = probe.loginServer('onestreamdev');
    const layer = pack();
    layer.entry({ name: 'hello.txt' }, 'hello from a layer');
    layer.finalize();
    writeFileSync(join(crane.home, 'layer.tar'), await buffer(layer));
    crane.loginAs('build', 'onestreamdev');
    const pushed = await crane.output('append', '-f', 'layer.tar', '-t', `${dev}/team/iam:1`);
    digest = pushed.split('@')[1] ?? '';
  });
  after(async () => {
    crane.remove();
    await probe.remove();
  });

  test('logs in with a secret, as docker does', async () => {
    const { clientId, secret } = probe.credentials('build');
    mkdirSync(join(crane.home, 'docker'), { recursive: true });
    const { code, stderr } = await crane.run('auth', 'login', dev, '-u', clientId, '-p', secret);
    assert.equal(code, 0, stderr);
  });

  test('finds the digest of a tag', async () => {
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await crane.output('digest', `${dev}/team/iam:1`), digest);
  });

  test('reads manifest, config and content, and validates them', async () => {
    const manifest = JSON.parse(await crane.output('manifest', `${dev}/team/iam@${digest}`));
    assert.equal(manifest.layers.length, 1);
    assert.ok(JSON.parse(await crane.output('config', `${dev}/team/iam:1`)).rootfs);
    await crane.output('validate', '--remote', `${dev}/team/iam:1`);
    await crane.output('export', `${dev}/team/iam:1`, 'content.tar');
    assert.ok(readFileSync(join(crane.home, 'content.tar')).includes('hello from a layer'));
  });

  test('pulls into an OCI layout and pushes it back as the same digest', async () => {
    await crane.output('pull', '--format=oci', `${dev}/team/iam:1`, 'layout');
    const pushed = await crane.output('push', 'layout', `${dev}/second/iam:1`);
    assert.equal(await crane.output('digest', `${dev}/second/iam:1`), pushed.split('@')[1]);
  });

  test('copies within a registry by mounting: nothing is uploaded again', async () => {
    const { stderr, code } = await crane.run('copy', `${dev}/team/iam:1`, `${dev}/third/iam:1`);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /mounted blob/);
    assert.equal(await crane.output('digest', `${dev}/third/iam:1`), digest);
  });

  test('lists and sets tags', async () => {
    await crane.output('tag', `${dev}/team/iam:1`, 'stable');
    assert.deepEqual((await crane.output('ls', `${dev}/team/iam`)).split('\n'), ['1', 'stable']);
  });

  test('cannot push as a kubelet, nor as anybody who only reads, nor read without log-in', async () => {
    const production = probe.loginServer('onestreamprod');
    const table: readonly (readonly [string, string, string])[] = [
      ['kubelet-dev', 'onestreamdev', `${dev}/team/iam:2`],
      ['worker-production', 'onestreamstaging', `${probe.loginServer('onestreamstaging')}/team/iam:2`],
      ['auditor', 'onestreamprod', `${production}/team/iam:2`],
    ];
    const before = probe.emulator.effects().filter(({ effect }) => effect !== 'refused').length;
    for (const [identity, registry, target] of table) {
      crane.loginAs(identity, registry);
      const { code, stderr } = await crane.run('append', '-f', 'layer.tar', '-t', target);
      assert.notEqual(code, 0);
      assert.match(stderr, /DENIED: requested access to the resource is denied/);
    }
    crane.loginAs('build');
    const anonymous = await crane.run('manifest', `${dev}/team/iam:1`);
    assert.match(anonymous.stderr, /UNAUTHORIZED/);
    assert.equal(probe.emulator.effects().filter(({ effect }) => effect !== 'refused').length, before);
    crane.loginAs('build', 'onestreamdev');
  });
});
