/** Production's question: refused from the person who started it, and answered by two others, each with a signature of their own. */
import type { ReleaseView } from '../../src/client/index.ts';
import type { ApprovalState } from '../../src/domain/approval.ts';
import { importsOf } from './facts.ts';
import { type Scene, type } from './journey.ts';
import type { OnItsWay } from './stop-and-thaw.ts';

/** As docs/errors.md has it. */
const EXCLUDED = 'approval-excluded';
const REFUSED = 3;

export async function letTwoPeopleDecide(scene: Scene, { version, digest, requester }: OnItsWay): Promise<void> {
  const { stack, stage, client } = scene;
  const approve = (who: string, reason: string) =>
    type(scene, who, ['approve', 'iam', version, '--environment', 'production', '--reason', reason]);
  const look = () => client.status({ service: 'iam', version });

  const own = await approve(requester, 'mine, and it is fine');
  for (const line of own.stderr.trim().split('\n')) stage.note(`  ${line}`);
  stage.expect(
    `${requester}, who started it, may not approve it`,
    own.code === REFUSED && own.stderr.includes(EXCLUDED),
    `exit code ${own.code}: ${own.stderr}`,
  );
  stage.expect('her answer does not count', givenIn(await look())?.given.length === 0, 'it was counted');

  const first = await approve('grace', 'seen in staging');
  stage.expect('grace, another release manager, may', first.code === 0, first.stderr);
  const between = await look();
  stage.expect('one yes is not enough', productionOf(between)?.phase === 'waiting-for-approval', between.release.phase);
  const imports = importsOf(stack, 'production', digest).length;
  stage.expect('so nothing of it is in production', imports === 0, imports);

  const second = await approve('linus', 'the error rate is flat');
  stage.expect('linus is the second', second.code === 0, second.stderr);
  const given = givenIn(await look())?.given ?? [];
  const signed = given.filter((one) => one.proof === 'key' && one.statement !== undefined);
  stage.expect(
    'both signed, each with a key of their own',
    signed.map((one) => one.approver).join() === 'grace,linus',
    given.map((one) => `${one.approver}: ${one.proof}`).join(),
  );
}

function productionOf({ promotions }: ReleaseView) {
  return promotions.find((one) => one.environment === 'production');
}

function givenIn(view: ReleaseView): ApprovalState | undefined {
  return productionOf(view)?.approval;
}
