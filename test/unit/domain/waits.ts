/** Every kind of wait, as the workflows word it. */
import type { PromotionPhase, Waiting } from '../../../src/contract/status.ts';
import { PLAN } from '../client/views.ts';

export const SINCE = '2026-11-23T08:15:00.000Z';
export const UNTIL = '2026-11-26T08:16:00.000Z';
export const EXPECTED = '2026-11-23T09:17:00.000Z';

export interface Waits {
  readonly waitingFor: string;
  readonly phase: PromotionPhase;
  readonly waiting: Waiting;
}

const times = { since: SINCE, until: UNTIL } as const;
const at = '--environment dev';

/** As the workflows make them. */
export const WAITS: Readonly<Record<string, Waits>> = {
  approval: {
    waitingFor: 'approval',
    phase: 'waiting-for-approval',
    waiting: {
      ...times,
      reason: `dev wants 2 yes to plan ${PLAN}; reminder 1, asked since yesterday`,
      for: '2 of release-managers, now also on-call, not pipeline',
      then: 'the release is refused',
      answer: [
        `sluice approve iam 1.0.0 ${at} --plan ${PLAN}`,
        `sluice reject iam 1.0.0 ${at} --plan ${PLAN} --reason "…"`,
      ],
    },
  },
  gate: {
    waitingFor: 'gate',
    phase: 'waiting-for-gate',
    waiting: {
      ...times,
      reason: 'hours: closed on Sunday',
      for: 'the gate to open',
      then: 'the gates are asked again',
      passable: [{ gate: 'hours', said: 'closed on Sunday', groups: ['on-call'] }],
      answer: [`sluice override iam 1.0.0 ${at} --gate hours --reason "…"   (on-call)`, `sluice abort iam 1.0.0 ${at}`],
    },
  },
  turn: {
    waitingFor: 'turn',
    phase: 'waiting-for-turn',
    waiting: {
      ...times,
      reason: 'number 3 for dev: 0.9.0 of iam goes first',
      for: '0.9.0 of iam goes first',
      expectedAt: EXPECTED,
      then: 'it is refused as too late',
      answer: ['sluice environment dev', `sluice abort iam 1.0.0 ${at}`],
    },
  },
  'turn that a hold keeps': {
    waitingFor: 'turn',
    phase: 'waiting-for-turn',
    waiting: {
      since: SINCE,
      reason: 'number 1 for dev: linus holds iam: rolled back',
      for: 'linus',
      answer: [`sluice hold lift iam ${at}`, 'sluice environment dev', `sluice abort iam 1.0.0 ${at}`],
    },
  },
  stop: {
    waitingFor: 'stop',
    phase: 'stopped',
    waiting: {
      ...times,
      reason: 'before import: grace stopped every service: errors (incident INC-1)',
      for: 'grace',
      then: 'it goes on by itself',
      answer: [
        `sluice thaw ${at} --service iam`,
        `sluice override iam 1.0.0 ${at} --gate stop --reason "…"   (on-call)`,
        `sluice abort iam 1.0.0 ${at}`,
      ],
    },
  },
  pause: {
    waitingFor: 'operator',
    phase: 'paused',
    waiting: {
      ...times,
      reason: 'otto paused it before roll-out: lunch',
      for: 'an operator',
      then: 'it goes on by itself',
      answer: [`sluice resume iam 1.0.0 ${at}`, `sluice abort iam 1.0.0 ${at}`],
    },
  },
  attention: {
    waitingFor: 'attention',
    phase: 'needs-attention',
    waiting: {
      ...times,
      reason: 'lock-image could not go on: no right to lock',
      for: 'an operator',
      then: 'what was done is undone',
      answer: [`sluice retry iam 1.0.0 ${at}`, `sluice rollback iam 1.0.0 ${at}`, `sluice abort iam 1.0.0 ${at}`],
    },
  },
  undo: {
    waitingFor: 'undo',
    phase: 'undo-stuck',
    waiting: {
      ...times,
      reason: 'undo of import is stuck: registry away',
      for: 'an operator',
      then: 'it tries again by itself',
      answer: [`sluice retry iam 1.0.0 ${at}`, `sluice abort iam 1.0.0 ${at} --reason "…"   (gives this undo up)`],
    },
  },
};
