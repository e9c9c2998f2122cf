/** What a person who reads the end of a pipeline's run does next. Pure. */
import type { Verdict } from '../follow.ts';
import type { Journey } from './journey.ts';

export interface Advice {
  readonly says: string;
  readonly command?: string;
}

export function whatNow(verdict: Verdict | 'started', journey: Journey): readonly Advice[] {
  const { look, title, waiting, attention } = journey;
  const isRelease = journey.workflowId.startsWith('release/');
  const again: Advice = isRelease
    ? { says: 'follow it again; running this job once more does the same', command: `sluice watch ${title}` }
    : { says: 'running this job once more follows it again' };
  const see: Advice = { says: 'see where it stands', command: look };
  const answers = (waiting?.answer ?? []).map((command) => ({ says: 'answer what it waits for', command }));
  switch (verdict) {
    case 'released':
      return isRelease
        ? [{ says: 'keep what proves it', command: `sluice evidence export ${title}` }]
        : [{ says: 'no new version gets in there until somebody lifts the hold', command: liftOf(journey) }];
    case 'reached':
      return [{ says: 'it goes on by itself' }, ...answers, see];
    case 'started':
    case 'waiting':
    case 'interrupted':
      return [
        ...(attention?.remedy === undefined ? [] : [{ says: attention.remedy }]),
        ...answers,
        ...(isRelease || verdict !== 'started' ? [again] : []),
        see,
      ];
    case 'refused':
      return [
        { says: journey.outcome?.refusal?.remedy ?? 'correct what the reason names; a new attempt is a new version' },
        see,
      ];
    case 'rolled-back':
      return [{ says: 'what ran before runs again; correct the cause and release it as a new version' }, see];
    case 'aborted':
      return [{ says: 'somebody has ended it; a new attempt is a new version' }, see];
    case 'superseded':
      return [{ says: 'a newer version has taken its place: nothing is to be done' }, see];
  }
}

function liftOf({ service, legs: [leg] }: Journey): string {
  return ['sluice hold lift', service, ...(leg === undefined ? [] : [`--environment ${leg.environment}`])].join(' ');
}
