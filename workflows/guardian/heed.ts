/** What follows from a look: news are told once, and done about what the environment's rules want. */
import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../../src/contract/guardian-workflow.ts';
import { driftedSince, findingLine, findingsKey } from '../../src/domain/finding.ts';
import { type EventData, sluiceEvent } from '../../src/domain/notification.ts';
import { announcers } from '../steps/activity-options.ts';
import { now } from '../steps/run.ts';
import type { Guard } from './guard.ts';
import { react } from './react.ts';
import { show } from './show.ts';

type Seen = LookAnswer & { readonly kind: 'seen' };

export async function heed(guard: Guard, answer: LookAnswer): Promise<void> {
  guard.said = sentenceOf(guard, answer);
  guard.seen = answer.kind === 'seen' ? answer.findings : guard.findings;
  guard.suspected = suspectedIn(guard, answer);
  guard.first = guard.isOwed || guard.suspected !== undefined ? 'soon' : 'round';
  const isNews = answer.kind === 'seen' && takeIn(guard, answer);
  if (answer.kind === 'over') guard.isOver = true;
  show(guard);
  guard.isHeeded = true;
  if (!isNews) return;
  await tell(guard, answer);
  if (answer.findings.length > 0) await react(guard, answer, () => tell(guard, answer));
}

/** What is seen again is seen since then. */
function suspectedIn({ suspected }: Guard, answer: LookAnswer): Guard['suspected'] {
  if (answer.kind !== 'seen' || answer.confirmed) return undefined;
  const key = findingsKey(answer.findings);
  return suspected?.key === key ? suspected : { key, since: answer.at };
}

/** Whether it is news. A finding that is not believed yet is none. */
function takeIn(guard: Guard, answer: Seen): boolean {
  const { at, guarded, findings, confirmed, wanted, because } = answer;
  guard.lookedAt = at;
  guard.guarded = guarded;
  if (!confirmed || findingsKey(findings) === findingsKey(guard.findings)) return false;
  guard.findings = findings;
  const reason = because === undefined ? {} : { because };
  guard.reaction = findings.length === 0 ? undefined : { kind: wanted, at, ...reason };
  return true;
}

function sentenceOf({ service, environment }: Guard, answer: LookAnswer): string {
  if (answer.kind !== 'seen') return answer.said;
  const { findings, guarded, confirmed } = answer;
  const what = `${service} ${guarded.version} in ${environment}`;
  if (findings.length === 0) return `${what} is as its promotion left it`;
  const lines = findings.map(findingLine).join('; ');
  return `${what} is not as its promotion left it${confirmed ? '' : ' (seen once; looks again before it says so)'}: ${lines}`;
}

/** Told by a workflow of its own, which outlives this one and holds nothing up. */
async function tell(guard: Guard, answer: Seen): Promise<void> {
  guard.told += 1;
  const { namespace, originalExecutionRunId } = workflowInfo();
  const id = `${originalExecutionRunId}-${guard.told}-${uuid4().slice(0, 8)}`;
  const data = dataOf(guard, answer);
  const event = sluiceEvent({ id, namespace, subject: answer.guarded.workflowId, time: now(), data });
  const summary = `tells of: ${data.event}`;
  await announcers()
    .announce.executeWithOptions({ summary }, [{ event }])
    .catch(() => undefined);
}

function dataOf({ service, environment, findings, reaction }: Guard, { guarded, repository }: Seen): EventData {
  const { version, digest, requestedBy } = guarded;
  const since = driftedSince(findings);
  const event = since === undefined ? 'settled' : 'drifted';
  return {
    format: 1,
    about: 'promotion',
    event,
    ...{ service, version, environment, requestedBy, phase: 'finished' },
    image: { repository, digest },
    ...(since === undefined
      ? {}
      : {
          drift: {
            since,
            findings: findings.map(({ about, what, code, message, remedy }) => {
              return { about, what, code, message, ...(remedy === undefined ? {} : { remedy }) };
            }),
            ...(reaction === undefined ? {} : { reaction: reaction.kind }),
            ...(reaction?.because === undefined ? {} : { because: reaction.because }),
          },
        }),
  };
}
