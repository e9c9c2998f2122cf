/** What changes in the manifests, for people who decide on a plan. */
import {
  changesInWords,
  foreignInWords,
  type ManifestChanges,
  type ObjectChange,
  type ValueChange,
} from '../../domain/manifest-change.ts';
import { formatRef } from '../../domain/manifest-object.ts';
import type { Paint, Style } from '../terminal.ts';
import { formatTime } from './time.ts';

const MARKS: Readonly<Record<ObjectChange['change'], readonly [string, Style]>> = {
  changed: ['~', 'yellow'],
  added: ['+', 'green'],
  removed: ['-', 'red'],
};

/** None where nobody has compared. */
export function renderChanges(changes: ManifestChanges | undefined, paint: Paint): readonly string[] {
  if (changes === undefined) return [];
  const { notes = [], unknown, objects } = changes;
  const told = notes.map((note) => paint('yellow', note));
  if (unknown !== undefined) {
    const against = changes.against === undefined ? '' : ` against ${changes.against}`;
    return [...told, paint('yellow', `manifests: what changes${against} is not known: ${unknown}`)];
  }
  return [
    ...told,
    `${compared(changes)}: ${changesInWords(changes)}`,
    ...objects.flatMap((one) => objectLines(one, paint)),
  ];
}

function compared({ inCluster, against }: ManifestChanges): string {
  if (inCluster === undefined) return against === undefined ? 'manifests' : `manifests against ${against}`;
  return `in the cluster${against === undefined ? '' : `, where ${against} runs`}, as of ${formatTime(inCluster)}`;
}

function objectLines({ ref, change, values, more, foreign }: ObjectChange, paint: Paint): readonly string[] {
  const [mark, style] = MARKS[change];
  const gone = change === 'added' && foreign === true ? paint('yellow', '  is gone, and comes back') : '';
  return [
    `  ${paint(style, `${mark} ${formatRef(ref)}`)}${gone}`,
    ...values.map((value) => `      ${valueLine(value, paint)}`),
    ...(more === 0 ? [] : [`      and ${more} more`]),
  ];
}

function valueLine(value: ValueChange, paint: Paint): string {
  const { path, line, foreign } = value;
  const where = line === undefined ? path : `${path} line ${line}`;
  const others = foreign === undefined ? '' : `  ${paint('yellow', foreignInWords(foreign, formatTime))}`;
  return `${where}  ${shown(value, paint)}${others}`;
}

function shown({ before, after, hidden }: ValueChange, paint: Paint): string {
  if (hidden === true) return 'changes (a secret, not shown)';
  if (before === undefined) return paint('green', `+ ${after}`);
  if (after === undefined) return paint('red', `- ${before}`);
  return `${paint('red', before)} → ${paint('green', after)}`;
}
