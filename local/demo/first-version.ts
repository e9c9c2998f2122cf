/** Chapter 1: version 1 travels from dev to production, where a person has to say yes. */
import { importsOf, locksOf, runningDigests } from './facts.ts';
import { APPROVER, follow, PIPELINE, type Scene, type } from './journey.ts';

export async function releaseFirstVersion(scene: Scene): Promise<string> {
  const { stack, stage } = scene;
  stage.chapter('1  A signed image travels dev → staging → production');
  const { version, image } = await stack.push('v1');
  stage.note(`the build pipeline has pushed and signed iam:${version} (${image.digest})`);

  const started = await type(scene, PIPELINE, ['start', 'iam', version]);
  stage.expect('the release is started', started.code === 0, started.stderr || started.stdout);
  const again = await type(scene, PIPELINE, ['start', 'iam', version, '--json']);
  stage.expect(
    'starting it again starts nothing',
    again.code === 0 && !again.stdout.includes('"how":"started"'),
    again.stdout,
  );

  const following = follow(scene, version);
  const asked = await following.until((event) => event.kind === 'waiting' && event.environment === 'production');
  stage.expect('it waits for production’s approval', asked.release.legs[2]?.state === 'running', asked.release.phase);
  stage.expect(
    'nothing of it is in production yet',
    importsOf(stack, 'production', image.digest).length === 0,
    'an import',
  );
  const own = await type(scene, PIPELINE, ['approve', 'iam', version]);
  stage.expect('whoever started it may not approve it', own.code === 3, `exit code ${own.code}: ${own.stderr}`);
  const approved = await type(scene, APPROVER, ['approve', 'iam', version, '--reason', 'seen in staging']);
  stage.expect('somebody else may', approved.code === 0, approved.stderr);

  const ended = await following.toTheEnd();
  stage.expect(
    'the release ends as released',
    ended.release.outcome?.kind === 'released',
    ended.release.outcome?.reason,
  );
  await expectEverywhere(scene, image.digest, version);
  return image.digest;
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
}
