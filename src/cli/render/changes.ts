/** What changes in the manifests, for people who decide on a plan. */
import {
  changesInWords,
  type ManifestChanges,
  type ObjectChange,
  type ValueChange,
} from '../../domain/manifest-change.ts';
import { formatRef } from '../../domain/manifest-object.ts';
import type { Paint, Style } from '../terminal.ts';

const MARKS: Readonly<Record<ObjectChange['change'], readonly [string, Style]>> = {
  changed: ['~', 'yellow'],
  added: ['+', 'green'],
  removed: ['-', 'red'],
};

/** None where nobody has compared. */
export function renderChanges(changes: ManifestChanges | undefined, paint: Paint): readonly string[] {
  if (changes === undefined) return [];
  const against = changes.against === undefined ? '' : ` against ${changes.against}`;
  if (changes.unknown !== undefined)
    return [paint('yellow', `manifests: what changes${against} is not known: ${changes.unknown}`)];
  return [
    `manifests${against}: ${changesInWords(changes)}`,
    ...changes.objects.flatMap((one) => objectLines(one, paint)),
  ];
}

function objectLines({ ref, change, values, more }: ObjectChange, paint: Paint): readonly string[] {
  const [mark, style] = MARKS[change];
  return [
    `  ${paint(style, `${mark} ${formatRef(ref)}`)}`,
    ...values.map((value) => `      ${valueLine(value, paint)}`),
    ...(more === 0 ? [] : [`      and ${more} more`]),
  ];
}

function valueLine({ path, line, before, after, hidden }: ValueChange, paint: Paint): string {
  const where = line === undefined ? path : `${path} line ${line}`;
  if (hidden === true) return `${where}  changes (a secret, not shown)`;
  if (before === undefined) return `${where}  ${paint('green', `+ ${after}`)}`;
  if (after === undefined) return `${where}  ${paint('red', `- ${before}`)}`;
  return `${where}  ${paint('red', before)} → ${paint('green', after)}`;
}
