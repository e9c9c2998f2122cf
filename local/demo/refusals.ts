/** Chapter 3: what nobody signed, and what somebody else signed, goes nowhere. */
import type { ExampleName } from '../../examples/images.ts';
import { effectsAbout, runningDigests } from './facts.ts';
import { follow, PIPELINE, type Scene, type } from './journey.ts';

const REFUSED = 3;

export async function refuseStrangers(scene: Scene, runningDigest: string): Promise<void> {
  scene.stage.chapter('3  An unsigned image, and one signed by another key, are refused');
  await expectRefusal(scene, 'unsigned', 'signature-missing', runningDigest);
  await expectRefusal(scene, 'foreign', 'signature-untrusted', runningDigest);
}

async function expectRefusal(scene: Scene, name: ExampleName, code: string, runningDigest: string): Promise<void> {
  const { stack, stage } = scene;
  const { version, image } = await stack.push(name);
  const started = await type(scene, PIPELINE, ['start', 'iam', version, '--wait']);
  const { release } = await follow(scene, version).toTheEnd();
  const refusal = release.outcome?.refusal?.code;
  stage.expect(
    `${name}: refused as ${code}`,
    release.outcome?.kind === 'refused' && refusal === code,
    refusal ?? release.outcome?.kind,
  );
  stage.expect(
    `${name}: the command ends with exit code ${REFUSED}`,
    started.code === REFUSED,
    `${started.code}: ${started.stderr}`,
  );
  for (const place of ['staging', 'production']) {
    const effects = effectsAbout(stack, place, image.digest);
    stage.expect(
      `${name}: ${place}’s registry never heard of it`,
      effects.length === 0,
      effects.map((one) => one.effect),
    );
  }
  const running = await runningDigests(stack, 'dev');
  stage.expect(`${name}: dev still runs version 1`, running.join() === runningDigest, running);
}
