/** What is equal, different or missing, for people. */
import type { Answer, ObjectAnswer } from '../../comparison/compare.ts';
import type { DurationAnswer } from '../../comparison/duration.ts';
import type { OrderAnswer, OrderDifference } from '../../comparison/order.ts';
import type { Comparison, ServiceComparison } from '../comparing/compare-services.ts';
import type { Paint } from '../terminal.ts';

const COLOUR = { equal: 'green', different: 'red', missing: 'red', unknown: 'yellow' } as const satisfies Record<
  Answer,
  string
>;
const WIDTH = 10;

export function renderComparison({ services, notes, unused, legacy, sluice }: Comparison, paint: Paint): string {
  const lines = services.flatMap((one) => [
    `${paint(COLOUR[one.answer], one.answer.padEnd(WIDTH))} ${one.service}${summaryOf(one)}`,
    ...one.objects.filter(({ answer }) => answer !== 'equal').flatMap(linesOf),
    ...inOrder(one.order).map((line) => `  ${line}`),
    ...one.durations.map((span) => `  ${inUnits(span)}`),
  ]);
  return [
    ...lines,
    `${sumsOf(services)} (legacy: ${legacy}; Sluice: ${sluice})`,
    ...notes,
    ...unused.map(unusedInWords),
  ].join('\n');
}

export function sumsOf(services: readonly ServiceComparison[]): string {
  const count = (answer: Answer): number => services.filter((one) => one.answer === answer).length;
  return (['equal', 'different', 'missing', 'unknown'] as const)
    .map((answer) => `${count(answer)} ${answer}`)
    .join(', ');
}

function summaryOf(one: ServiceComparison): string {
  const [what, count] = [whatDiffers(one), one.objects.length];
  return what === '' ? ` (${count} ${count === 1 ? 'object' : 'objects'})` : `: ${what}`;
}

/** `image, replicas`; empty where no value is known to differ. */
export function whatDiffers({ objects }: ServiceComparison): string {
  return [...new Set(objects.flatMap(({ values }) => values.map((value) => value.what)))].join(', ');
}

/** `configmap/settings, then deployment/iam`. */
export function turnsInWords(turns: readonly (readonly string[])[]): string {
  return turns.map((names) => names.join(', ')).join('; then ');
}

export const TAG_UNKNOWN = 'nobody has written down which digest a tag stands for; record pods as well';

export function missingInWords({ missingIn }: Pick<ObjectAnswer, 'missingIn'>): string {
  return `only in ${missingIn === 'legacy' ? 'Sluice' : 'legacy'}`;
}

export function unusedInWords({ path, reason }: Comparison['unused'][number]): string {
  return `--ignore ${path} (${reason}): nothing differs there; take it out of the file`;
}

function linesOf({ object, answer, missingIn, values }: ObjectAnswer): readonly string[] {
  if (missingIn !== undefined) return [`  ${object}: ${missingInWords({ missingIn })}`];
  return [
    `  ${object}${answer === 'unknown' ? `: ${TAG_UNKNOWN}` : ''}`,
    ...values.map(({ path, what, before, after, hidden }) =>
      hidden === true
        ? `    ${what} ${path}: differs, not shown`
        : `    ${what} ${path}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    ),
  ];
}

/** Of what is equal nothing is said. */
export function inOrder({ answer, by, differences }: OrderAnswer): readonly string[] {
  if (answer === 'unknown')
    return ['order unknown: no run of legacy that wrote several objects is recorded (--show-managed-fields)'];
  const source = by === 'creation' ? ', by when things were made first' : '';
  return differences.map((one) => `order${source}: ${differenceInWords(one)}`);
}

function differenceInWords({ kind, object, others }: OrderDifference): string {
  const them = others.join(', ');
  return kind === 'reversed'
    ? `legacy applied ${object} before ${them}, Sluice does so after`
    : `legacy waited for ${object} before ${them}, Sluice applies them together`;
}

export function inUnits({ of, answer, legacyMs, sluiceMs }: DurationAnswer): string {
  const both = `legacy ${spanOf(legacyMs)}, Sluice ${spanOf(sluiceMs)}`;
  return answer === 'unknown' ? `duration of ${of} unknown: ${both}` : `duration of ${of}: ${both} (${answer})`;
}

/** To the second, for that is how clusters note it: `1h 2m 3s`. */
function spanOf(ms: number | undefined): string {
  if (ms === undefined) return 'not known';
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join(' ') || '0s'
  );
}
