/** Scenes about people: policies of approval, reminders, refused answers, and who is told of it. */
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { approveUpdate } from '../../../src/contract/promotion-workflow.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { answerBy, until } from '../../support/releases.ts';
import { APPROVAL, type Script, type ScriptOptions } from '../../support/scripted-activities.ts';
import type { Scene, Stage } from './scene.ts';

const HERE = 'staging';
const asks = (rule: Partial<ApprovalRule>): ScriptOptions => ({ approvals: { [HERE]: { ...APPROVAL, ...rule } } });
const SECURITY = { required: 1, from: ['security'], notRequester: true } as const;
const GROUPS: Readonly<Record<string, string>> = { ada: 'release-managers', sam: 'security', cal: 'on-call' };

const proven = (): Script => ({
  checkApproval: async ({ statement: { approver, reason = '' } }) => {
    const group = GROUPS[approver];
    if (group === undefined) return { ...no('approval-wrong-group'), jti: approver };
    return { ok: true, subject: approver, groups: [group], proof: 'key', jti: `${approver} ${reason}` };
  },
});

const when = ({ client, version }: Stage, is: (status: PromotionStatus) => boolean) => until(client, version, HERE, is);
const asked = (stage: Stage) => when(stage, (status) => status.approval?.open === true);
const say = async (stage: Stage, approver: string, reason = 'seen'): Promise<void> => {
  const answer = answerBy(approver, await asked(stage), { reason });
  await stage.promotion.executeUpdate(approveUpdate, { args: [answer] });
};

const TOLD: ScriptOptions = { path: [HERE], notify: [{ receiver: 'chat', on: ['working', 'released'] }] };
const OUTSIDE = { gate: 'change-board', kind: 'external', reason: 'they look at it' } as const;

export const PEOPLE_SCENES: readonly Scene[] = [
  {
    name: 'approved-in-order',
    outcome: 'released',
    options: asks({ further: [SECURITY], order: 'in-order' }),
    script: proven,
    play: async (stage) => {
      await say(stage, 'sam', 'too early').catch(() => undefined);
      await say(stage, 'ada');
      await say(stage, 'sam');
    },
  },
  {
    name: 'asked-again-at-the-door',
    outcome: 'released',
    options: asks({}),
    script: () => {
      let knocks = 0;
      const admit: Script['admit'] = async ({ plan, planDigest, baseline }) => {
        knocks += plan.environment === HERE ? 1 : 0;
        if (plan.environment !== HERE || knocks > 1) return { ok: true, plan, planDigest, baseline };
        return { ...no('approval-stale'), askAgain: true };
      };
      return { ...proven(), admit };
    },
    play: async (stage) => {
      await say(stage, 'ada');
      await when(stage, ({ approval }) => approval?.open === true && approval.askedAgain !== undefined);
      await say(stage, 'ada', 'still');
    },
  },
  {
    name: 'reminded-and-widened',
    outcome: 'released',
    options: asks({ remindEveryMs: 400, widen: { afterMs: 600, to: ['on-call'] } }),
    script: proven,
    play: async (stage) => {
      await when(stage, (status) => (status.approval?.widenedTo ?? []).length > 0);
      await say(stage, 'cal');
    },
  },
  {
    name: 'deferred',
    outcome: 'released',
    options: asks({ atDeadline: 'defer', deadlineMs: 500 }),
    script: proven,
    play: async (stage) => {
      await when(stage, (status) => status.waiting?.reason.includes('deferred') === true);
      await say(stage, 'ada');
    },
  },
  {
    name: 'deferred-to-a-window',
    outcome: 'released',
    options: { ...asks({ atDeadline: 'defer', deadlineMs: 500 }), gates: [HERE] },
    script: () => {
      let times = 0;
      return {
        ...proven(),
        checkGates: async () => {
          const opens = new Date(Date.now() + 60_000).toISOString();
          if ((times += 1) !== 2) return { ok: true, answer: 'yes', verdicts: [] };
          return { ok: true, answer: 'wait', verdicts: [], until: opens };
        },
      };
    },
    play: async (stage) => {
      await when(stage, (status) => status.waiting?.reason.includes('opens at') === true);
      await say(stage, 'ada');
    },
  },
  {
    name: 'yes-grew-old',
    outcome: 'released',
    options: asks({ required: 1, further: [SECURITY], goodForMs: 500 }),
    script: proven,
    play: async (stage) => {
      await say(stage, 'ada');
      await new Promise((resolve) => setTimeout(resolve, 700));
      await say(stage, 'sam');
      await say(stage, 'ada', 'still');
    },
  },
  {
    name: 'answer-refused',
    outcome: 'released',
    options: asks({}),
    script: proven,
    play: async (stage) => {
      await say(stage, 'eve').catch(() => undefined);
      await say(stage, 'ada');
    },
  },
  { name: 'told', outcome: 'released', options: TOLD },
  {
    name: 'told-in-vain',
    outcome: 'released',
    options: TOLD,
    script: () => ({
      notify: async () => {
        throw failure('notification-refused');
      },
    }),
  },
  {
    name: 'outside-gate-closed-at-the-door',
    outcome: 'released',
    options: { path: [HERE], gates: [HERE], turns: 'queue' },
    script: () => {
      let times = 0;
      return {
        lockImage: async () => YES,
        admit: async ({ plan, planDigest, baseline }) => {
          const open = { ok: true, plan, planDigest, baseline } as const;
          if ((times += 1) > 1) return open;
          const until = new Date(Date.now() + 300).toISOString();
          const verdicts = [{ ...OUTSIDE, answer: 'wait' as const }];
          return { ...open, closed: true, gates: { ok: true, answer: 'wait', verdicts, until } };
        },
      };
    },
  },
];
