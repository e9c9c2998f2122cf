/** A rehearsal of the way back for people: each check, both ways with their times, and what is left. */
import type { RehearsalView } from '../../client/index.ts';
import type { RehearsalCheck, RehearsalLeg } from '../../contract/rehearsal-workflow.ts';
import type { Paint } from '../terminal.ts';
import { formatSpan, withTimes } from './time.ts';

export function renderRollbackRehearsal(view: RehearsalView, paint: Paint): string {
  const { service, environment, forReal, checks, back, forward, ok, said = '', left } = view;
  const what = forReal ? 'rehearsal of the way back' : 'the way back, looked at; nothing was changed';
  const width = Math.max(0, ...checks.map(({ check }) => check.length));
  return [
    `${paint('bold', `${service} in ${environment}`)}  ${what}`,
    ...checks.flatMap((one) => renderCheck(one, width, paint)),
    ...(forReal ? [] : planned(view, paint)),
    ...(back === undefined ? [] : [renderLeg('back', back, paint)]),
    ...(forward === undefined ? [] : [renderLeg('forward', forward, paint)]),
    paint(ok === true ? 'green' : 'red', withTimes(said)),
    ...(left === undefined
      ? []
      : [paint('yellow', `left: ${left.state}`), ...left.todo.map((one) => `  do    ${one}`)]),
  ].join('\n');
}

function renderCheck({ check, ok, said, remedy }: RehearsalCheck, width: number, paint: Paint): readonly string[] {
  const sign = ok ? paint('green', '✓') : paint('red', '✗');
  const line = `  ${sign} ${check.padEnd(width)}  ${withTimes(said)}`;
  return remedy === undefined ? [line] : [line, `    ${''.padEnd(width)}  do: ${remedy}`];
}

/** What going back in earnest would ask and, if it failed, undo. */
function planned({ asks = '', undo = [] }: RehearsalView, paint: Paint): readonly string[] {
  return [
    ...(asks === '' ? [] : [`  it would ${asks}, once for each of the two ways`]),
    ...(undo.length === 0 ? [] : [paint('dim', '  if it failed, it would be undone:')]),
    ...undo.map((one) => paint('dim', `    ${one}`)),
  ];
}

function renderLeg(way: string, { to, tookMs, waitedMs = 0, outcome }: RehearsalLeg, paint: Paint): string {
  const waited = waitedMs === 0 ? '' : `, ${formatSpan(waitedMs)} of that for people and its turn`;
  const took =
    tookMs === undefined ? 'not proven to run' : `proven to run ${formatSpan(tookMs)} after the asking${waited}`;
  const end =
    outcome === undefined || outcome.kind === 'released' ? '' : ` (${outcome.kind}: ${withTimes(outcome.reason)})`;
  return `  ${paint('bold', way.padEnd(7))} to ${to}: ${took}${end}`;
}
