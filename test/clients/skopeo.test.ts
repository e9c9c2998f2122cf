/** `skopeo` copies between registries and layouts, inspects and lists. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startProbe, type Probe, type Pushed } from '../integration/acr-emulator/probe.ts';
import { ClientProgram, skipWithout } from './program.ts';

describe('skopeo', { skip: skipWithout('skopeo') }, () => {
  let probe: Probe;
  let skopeo: ClientProgram;
  let image: Pushed;
  let dev: string;
  before(async () => {
    probe = await startProbe();
    skopeo = new ClientProgram('skopeo', probe);
    skopeo.loginAs('build', 'onestreamdev');
    // The trust policy that the package would install; without one skopeo does nothing.
    mkdirSync(join(skopeo.home, '.config', 'containers'), { recursive: true });
    const policy = { default: [{ type: 'insecureAcceptAnything' }] };
    writeFileSync(join(skopeo.home, '.config', 'containers', 'policy.json'), JSON.stringify(policy));
    image = await probe.pushImage('iam', '1', 'for skopeo');
    dev = `docker://${probe.loginServer('onestreamdev')}`;
  });
  after(async () => {
    skopeo.remove();
    await probe.remove();
  });

  test('inspects an image', async () => {
    const shown = JSON.parse(await skopeo.output('inspect', `${dev}/iam:1`));
    assert.equal(shown.Digest, image.digest);
    assert.deepEqual([shown.Architecture, shown.Os, shown.RepoTags], ['amd64', 'linux', ['1']]);
  });

  test('reads the raw manifest byte for byte', async () => {
    assert.equal(await skopeo.output('inspect', '--raw', `${dev}/iam@${image.digest}`), image.bytes.toString());
  });

  test('copies to another repository and keeps the digest', async () => {
    await skopeo.output('copy', '--preserve-digests', `${dev}/iam:1`, `${dev}/team/copy:1`);
    const shown = JSON.parse(await skopeo.output('inspect', '--no-tags', `${dev}/team/copy:1`));
    assert.equal(shown.Digest, image.digest);
  });

  test('copies into a layout and back', async () => {
    await skopeo.output('copy', '--preserve-digests', `${dev}/iam:1`, 'oci:layout:1');
    await skopeo.output('copy', '--preserve-digests', 'oci:layout:1', `${dev}/back:1`);
    assert.equal(JSON.parse(await skopeo.output('inspect', `${dev}/back:1`)).Digest, image.digest);
  });

  test('lists tags', async () => {
    const listed = JSON.parse(await skopeo.output('list-tags', `${dev}/iam`));
    assert.deepEqual(listed.Tags, ['1']);
  });

  test('cannot copy into production as somebody who only reads there', async () => {
    skopeo.loginAs('auditor', 'onestreamprod');
    const { code, stderr } = await skopeo.run(
      'copy',
      'oci:layout:1',
      `docker://${probe.loginServer('onestreamprod')}/iam:1`,
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /denied/i);
    assert.ok(!probe.emulator.effects().some((e) => e.registry === 'onestreamprod' && e.effect !== 'refused'));
  });
});
