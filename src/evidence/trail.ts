/** Who did what, when, to what and why, read from histories: words of people as the workflows have taken them, and what came of them. */
import { ADOPTION } from '../contract/adoption-workflow.ts';
import { ENVIRONMENT_WORKFLOW } from '../contract/environment-workflow.ts';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { REHEARSAL } from '../contract/rehearsal-workflow.ts';
import { RELEASE } from '../contract/release-workflow.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { recordOf } from '../content/json-object.ts';
import { LONGEST_NAME } from '../domain/said.ts';
import type { History, Message } from './history.ts';

export const DEEDS = [
  'start',
  'approve',
  'reject',
  'answer-refused',
  'override',
  'override-refused',
  'pause',
  'resume',
  'abort',
  'retry',
  'roll-back',
  'rehearse',
  'stop',
  'hold',
  'lift',
  'adopt',
  'end',
] as const;
export type Deed = (typeof DEEDS)[number];

/** Deeds that are nobody's. */
export const ENGINE = 'engine';

/** Of words that name nobody. */
const NAMELESS = '(no name)';

export interface TrailEntry {
  /** ISO 8601. */
  readonly at: string;
  /** A name; `proof` says what vouches for it. */
  readonly who: string;
  readonly what: Deed;
  readonly service?: string;
  readonly version?: string;
  readonly environment?: string;
  readonly why?: string;
  /** What vouched for the name; undefined: nothing does. */
  readonly proof?: string;
  readonly workflowId: string;
  readonly runId: string;
}

type About = Pick<TrailEntry, 'service' | 'version' | 'environment' | 'workflowId' | 'runId'>;
type Said = Pick<TrailEntry, 'at' | 'who' | 'what'> & {
  readonly why?: unknown;
  readonly proof?: unknown;
  readonly service?: unknown;
};

/** In the order in which it happened. */
export function trailOf(workflowId: string, history: History): readonly TrailEntry[] {
  const about = aboutOf(workflowId, history);
  const said = deedsOf(history);
  return said
    .filter(({ who }) => who !== '')
    .map(({ why, proof, service, ...one }) => ({
      ...one,
      ...text('why', why),
      ...text('proof', proof),
      ...about,
      ...text('service', service),
    }))
    .toSorted((a, b) => a.at.localeCompare(b.at));
}

function deedsOf(history: History): readonly Said[] {
  switch (history.workflow) {
    case RELEASE:
      return [...startOf(history, 'start', 'ticket'), ...orders(history), ...endOf(history)];
    case PROMOTION:
      return [...answers(history), ...orders(history), ...endOf(history)];
    case ROLLBACK:
      return [...startOf(history, 'roll-back', 'reason'), ...endOf(history)];
    case ADOPTION:
      return adoptions(history);
    case REHEARSAL:
      return rehearsal(history);
    case ENVIRONMENT_WORKFLOW:
      return history.messages.flatMap(restraint);
    default:
      return [];
  }
}

function aboutOf(workflowId: string, { input, runId }: History): About {
  const { service, version, environment } = recordOf(input);
  return {
    ...text('service', service),
    ...text('version', version),
    ...text('environment', environment),
    workflowId,
    runId,
  };
}

function startOf({ input, startedAt }: History, what: Deed, why: string): readonly Said[] {
  const asked = recordOf(input);
  return [{ at: startedAt, who: textOf(asked['requestedBy']), what, why: asked[why] }];
}

/** Who only looks has done nothing. Its roll-backs stand for themselves. */
function rehearsal(history: History): readonly Said[] {
  if (recordOf(history.input)['forReal'] !== true) return [];
  const { ok, said } = recordOf(history.result);
  const outcome = { kind: ok === true ? 'released' : 'refused', reason: said };
  const told = history.result === undefined ? history : { ...history, result: { outcome } };
  return [...startOf(history, 'rehearse', 'reason'), ...endOf(told)];
}

/** What has come of it; without a result it was cut off. */
function endOf({ result, endedAt }: History): readonly Said[] {
  if (endedAt === undefined) return [];
  const { kind, reason } = recordOf(recordOf(result)['outcome']);
  const why =
    typeof kind === 'string' ? `${kind}: ${textOf(reason)}` : 'without an outcome: it failed or was terminated';
  return [{ at: endedAt, who: ENGINE, what: 'end', why }];
}

/** Answers as the environment's own zone has judged them, and those that were never put before it. */
function answers(history: History): readonly Said[] {
  return [...judged(history), ...unjudged(history)];
}

function judged({ activities }: History): readonly Said[] {
  return activities.flatMap(({ activity, request, answer, answeredAt }): readonly Said[] => {
    const isOverride = activity === 'checkOverride';
    if (answeredAt === undefined || (activity !== 'checkApproval' && !isOverride)) return [];
    const { decision, approver, reason, overrides } = recordOf(recordOf(request)['statement']);
    const { ok, subject, proof, refusal } = recordOf(answer);
    if (ok !== true) {
      const { code, message } = recordOf(refusal);
      const why = `${textOf(code)}: ${textOf(message)}`;
      return [{ at: answeredAt, who: textOf(approver), what: isOverride ? 'override-refused' : 'answer-refused', why }];
    }
    const gates = Array.isArray(overrides) && overrides.length > 0 ? ` (gates: ${overrides.join(', ')})` : '';
    const what = isOverride ? 'override' : decision === 'reject' ? 'reject' : 'approve';
    const why = `${textOf(reason)}${gates}`.trim();
    return [{ at: answeredAt, who: textOf(subject ?? approver), what, ...(why === '' ? {} : { why }), proof }];
  });
}

/** What was taken into management as it ran, by whose word; and the words that the environment refused. Looking is no deed. */
function adoptions({ activities }: History): readonly Said[] {
  return activities.flatMap(({ activity, request, answer, answeredAt }): readonly Said[] => {
    if (activity !== 'adopt' || answeredAt === undefined) return [];
    const { ok, how, adopted, refusal } = recordOf(answer);
    if (ok === true) {
      const { by, reason, proof } = recordOf(adopted);
      return how === 'adopted' ? [{ at: answeredAt, who: textOf(by), what: 'adopt', why: reason, proof }] : [];
    }
    const { approver } = recordOf(recordOf(recordOf(request)['word'])['statement']);
    const { code, message } = recordOf(refusal);
    return [
      { at: answeredAt, who: textOf(approver), what: 'answer-refused', why: `${textOf(code)}: ${textOf(message)}` },
    ];
  });
}

const ANSWERS: Readonly<Record<string, Deed>> = {
  approve: 'answer-refused',
  reject: 'answer-refused',
  override: 'override-refused',
};

/**
 * What a promotion refuses by itself its environment never hears of: another plan, another form, a second time. An update is refused before it
 * stands in a history; a signal that anybody may have sent stands there, and nothing else says so. While answers are looked at others may wait.
 */
function unjudged({ activities, messages, endedAt }: History): readonly Said[] {
  const asked = activities.filter(({ activity }) => activity === 'checkApproval' || activity === 'checkOverride');
  if (endedAt === undefined && asked.some((one) => one.answeredAt === undefined)) return [];
  const put = asked.map(({ request }) => spellingOf(recordOf(request)['statement']));
  return messages.flatMap(({ name, said, isHeard, at }): readonly Said[] => {
    const what = isHeard && Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
    if (what === undefined) return [];
    const where = put.indexOf(spellingOf(name === 'override' ? said : { ...recordOf(said), decision: name }));
    if (where >= 0) {
      put.splice(where, 1);
      return [];
    }
    const { approver } = recordOf(said);
    const who = typeof approver === 'string' && approver !== '' ? approver.slice(0, LONGEST_NAME) : NAMELESS;
    return [{ at, who, what, why: 'the promotion refused it by itself; its environment was not asked' }];
  });
}

/** Of one value, in whatever order its members came. */
function spellingOf(value: unknown): string {
  return JSON.stringify(Object.entries(recordOf(value)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const ORDERS: Readonly<Record<string, Deed>> = {
  pause: 'pause',
  resume: 'resume',
  abort: 'abort',
  retry: 'retry',
  rollBack: 'roll-back',
};

/** What a release passes on to its promotion was said to the release; a `control` of anybody else is their own word. */
function orders({ messages, parent }: History): readonly Said[] {
  return messages.flatMap(({ name, how, said, from, at }): readonly Said[] => {
    const { by, reason, command } = recordOf(said);
    const order = how === 'update' ? name : name === 'control' ? textOf(command) : '';
    const isPassedOn = from !== undefined && from.workflowId === parent?.workflowId;
    if (isPassedOn || !Object.hasOwn(ORDERS, order)) return [];
    return [{ at, who: textOf(by), what: ORDERS[order] as Deed, why: reason }];
  });
}

function restraint({ name, said, at }: Message): readonly Said[] {
  const { kind, by, reason, service, incident } = recordOf(said);
  if (name !== 'restrain' && name !== 'lift') return [];
  const what = name === 'lift' ? 'lift' : kind === 'hold' ? 'hold' : 'stop';
  const words = [name === 'lift' ? kind : undefined, reason, incident].map(textOf).filter((one) => one !== '');
  return [{ at, who: textOf(by), what, why: words.join(': '), service }];
}

function text<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return typeof value === 'string' && value !== '' ? ({ [key]: value } as { [K in Key]: string }) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
