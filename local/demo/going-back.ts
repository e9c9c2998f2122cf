/** Chapter 6: dev is brought back to version 1, too, and held there until somebody lifts the hold. */
import { runningDigests } from './facts.ts';
import { type Scene, type } from './journey.ts';

const WHO = 'grace';

export async function goBackInDev(scene: Scene, firstDigest: string): Promise<void> {
  const { stack, stage } = scene;
  stage.chapter('6  Dev is brought back as well, and held there');
  const where = ['iam', '--environment', 'dev'];
  const back = await type(scene, WHO, ['rollback', ...where, '--reason', 'staging found it ill', '--wait']);
  stage.note(`  ${back.stdout.trim().split('\n').at(-1)}`);
  stage.expect('dev is brought back to what ran well there before', back.code === 0, `${back.code}: ${back.stderr}`);
  const running = await runningDigests(stack, 'dev');
  stage.expect('dev runs version 1 again, by digest', running.join() === firstDigest, running);
  const held = await type(scene, WHO, ['environment', 'dev']);
  for (const line of held.stdout.split('\n').filter((one) => one.includes('hold'))) stage.note(line);
  stage.expect('nothing new is let in meanwhile', held.stdout.includes('hold'), held.stdout);
  const lifted = await type(scene, WHO, ['hold', 'lift', ...where, '--reason', 'version 3 is on its way']);
  stage.expect('until the hold is lifted', lifted.code === 0, lifted.stderr);
}
