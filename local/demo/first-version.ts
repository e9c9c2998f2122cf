/** Chapters 1 and 2: version 1 travels from dev to production, is stopped on the way, and needs the yes of two people. */
import { letTwoPeopleDecide } from './approvals.ts';
import { importsOf, locksOf, runningDigests } from './facts.ts';
import { follow, type Scene, type } from './journey.ts';
import { recordersOf } from './records.ts';
import { type OnItsWay, stopAndThaw } from './stop-and-thaw.ts';

/** Starts it, and may answer for production, but not for what she has started. */
const REQUESTER = 'ada';

export async function releaseFirstVersion(scene: Scene): Promise<OnItsWay> {
  const { stack, stage } = scene;
  stage.chapter('1  A signed image sets out dev → staging → production, and an incident stops it');
  const { version, image } = await stack.push('v1');
  stage.note(`the build pipeline has pushed and signed iam:${version} (${image.digest})`);

  const release: OnItsWay = { version, digest: image.digest, requester: REQUESTER };

  const started = await type(scene, REQUESTER, ['start', 'iam', version]);
  stage.expect('the release is started', started.code === 0, started.stderr || started.stdout);
  const following = follow(scene, version);
  await stopAndThaw(scene, following, release);

  stage.chapter('2  Production asks two people, and not who started it');
  const asked = await following.until((event) => event.kind === 'waiting' && event.environment === 'production');
  stage.expect('it waits for production’s approval', asked.release.legs[2]?.state === 'running', asked.release.phase);
  stage.expect(
    'nothing of it is in production yet',
    importsOf(stack, 'production', image.digest).length === 0,
    'an import',
  );
  await letTwoPeopleDecide(scene, release);

  const ended = await following.toTheEnd();
  stage.expect(
    'the release ends as released',
    ended.release.outcome?.kind === 'released',
    ended.release.outcome?.reason,
  );
  await expectEverywhere(scene, image.digest, version);
  return release;
}

async function expectEverywhere({ stack, stage }: Scene, digest: string, version: string): Promise<void> {
  for (const name of ['dev', 'staging', 'production']) {
    const running = await runningDigests(stack, name);
    stage.expect(`${name} runs exactly this digest`, running.length === 1 && running[0] === digest, running);
  }
  for (const name of ['staging', 'production']) {
    const imports = importsOf(stack, name, digest).length;
    stage.expect(`${name}’s registry has accepted one import of it`, imports === 1, imports);
  }
  const locks = await locksOf(stack, 'production', digest, version);
  const isLocked = locks.every((lock) => lock.endsWith('deleteEnabled=false writeEnabled=false'));
  stage.expect('in production manifest and tag are locked', locks.length === 2 && isLocked, locks.join('; '));
  const recorders = await recordersOf(stack, 'production', digest);
  const isRecorded = recorders.join(' ') === 'dev production staging';
  stage.expect('beside it there lies the signed record of each of the three, by its own key', isRecorded, recorders);
}
