/** What is foreseen, for people: one line for an environment, below it what keeps the release out and whom it asks. */
import type { Foreseen } from '../../policy/gates/index.ts';
import type { Foresight } from '../foresight.ts';
import type { Paint } from '../terminal.ts';
import { formatMoment, formatSpan, withTimes } from './time.ts';

export function renderForesight({ at, otherRules, environments }: Foresight, paint: Paint): string {
  const width = Math.max(0, ...environments.map((one) => one.environment.length));
  const lines = environments.flatMap((one, index) => {
    const hasAsked = environments.slice(0, index + 1).some((before) => before.asked !== undefined);
    return linesOf(one, { at, width, paint, hasAsked });
  });
  const foreign = otherRules.map((name) =>
    paint('yellow', `  the workers of ${name} have other rules than this sluice.yaml: its own gates decide`),
  );
  const head = `${paint('bold', 'earliest times')}  if it started ${formatMoment(at)}, with steps that take no time`;
  return [head, ...lines, ...foreign].join('\n');
}

interface Frame {
  readonly at: string;
  readonly width: number;
  readonly paint: Paint;
  /** Somebody has to say yes on the way: then it is a bound, not a time. */
  readonly hasAsked: boolean;
}

function linesOf(one: Foreseen, frame: Frame): readonly string[] {
  const name = one.environment.padEnd(frame.width);
  const further = [
    ...(one.assumed === undefined ? [] : [`if ${one.assumed.join(', ')} of outside says yes`]),
    ...one.holds
      .filter((hold) => hold.until !== undefined || !('why' in one && one.why === hold.reason))
      .map((hold) => `closed until ${until(hold.until)}: ${said(hold.reason)}`),
    ...(one.asked === undefined
      ? []
      : [`asks ${one.asked.whom} from ${formatMoment(one.asked.from)}; ${then(one.asked)}`]),
  ];
  return [
    `  ${name}  ${sentence(one, frame)}`,
    ...further.map((line) => frame.paint('dim', `  ${' '.repeat(frame.width)}    ${line}`)),
  ];
}

function sentence(one: Foreseen, { at, paint, hasAsked }: Frame): string {
  if (one.answer === 'there') return `runs it since ${formatMoment(one.at)}`;
  if ('why' in one) {
    return one.answer === 'never'
      ? paint('red', `never under these rules: ${said(one.why)}`)
      : paint('yellow', `nobody can say: ${said(one.why)}`);
  }
  const wait = Date.parse(one.at) - Date.parse(at);
  if (wait <= 0) return hasAsked ? 'as soon as the people say yes' : 'at once';
  const when = `${formatMoment(one.at)}, ${formatSpan(wait)} later`;
  return hasAsked ? `not before ${when}, when the people say yes` : when;
}

function until(time: string | undefined): string {
  return time === undefined ? 'something happens' : formatMoment(time);
}

/** What a gate says, with its moments written as all others here. */
function said(text: string): string {
  return withTimes(text, formatMoment);
}

function then({ until: end, then: what }: NonNullable<Foreseen['asked']>): string {
  return `without their answer ${what} ${formatMoment(end)}`;
}
