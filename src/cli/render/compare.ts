/** What is equal, different or missing, for people. */
import type { Answer, ObjectAnswer } from '../../comparison/compare.ts';
import type { Comparison } from '../compare-recorded.ts';
import type { Paint } from '../terminal.ts';

const COLOUR = { equal: 'green', different: 'red', missing: 'red', unknown: 'yellow' } as const satisfies Record<
  Answer,
  string
>;
const WIDTH = 10;

export function renderComparison({ services, unused }: Comparison, paint: Paint): string {
  const lines = services.flatMap(({ service, answer, objects }) => [
    `${paint(COLOUR[answer], answer.padEnd(WIDTH))} ${service}${summaryOf(objects)}`,
    ...objects.filter((one) => one.answer !== 'equal').flatMap(linesOf),
  ]);
  const count = (answer: Answer): number => services.filter((one) => one.answer === answer).length;
  const sums = (['equal', 'different', 'missing', 'unknown'] as const).map((answer) => `${count(answer)} ${answer}`);
  const notes = unused.map(
    ({ path, reason }) => `--ignore ${path} (${reason}): nothing differs there; take it out of the file`,
  );
  return [...lines, sums.join(', '), ...notes].join('\n');
}

function summaryOf(objects: readonly ObjectAnswer[]): string {
  const what = new Set(objects.flatMap(({ values }) => values.map((value) => value.what)));
  return what.size === 0
    ? ` (${objects.length} ${objects.length === 1 ? 'object' : 'objects'})`
    : `: ${[...what].join(', ')}`;
}

function linesOf({ object, answer, missingIn, values }: ObjectAnswer): readonly string[] {
  if (missingIn !== undefined) return [`  ${object}: only in ${missingIn === 'legacy' ? 'Sluice' : 'legacy'}`];
  return [
    `  ${object}${answer === 'unknown' ? ': nobody has written down which digest a tag stands for; record pods as well' : ''}`,
    ...values.map(({ path, what, before, after, hidden }) =>
      hidden === true
        ? `    ${what} ${path}: differs, not shown`
        : `    ${what} ${path}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    ),
  ];
}
