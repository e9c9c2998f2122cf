/** A difference for people and for machines. */
import type { Change, Difference } from './differences.ts';
import { title, type Value } from './item.ts';

const SIGN = { create: '+', update: '~', remove: '-' };

/** One line per change, below it one per field. */
export function renderChange(change: Change): string {
  const head = `${SIGN[change.action]} ${change.item.kind.padEnd(14)} ${title(change.item)}`;
  if (change.action !== 'update') return head;
  const fields = change.fields.map((field) => `    ${field.name}: ${shown(field.have)} → ${shown(field.want)}`);
  return [head, ...fields].join('\n');
}

const shown = (value: Value | undefined): string =>
  value === undefined || value === '' ? '(nothing)' : Array.isArray(value) ? `[${value.join(', ')}]` : String(value);

/** The whole plan. */
export function renderPlan({ changes, leftOver, same }: Difference, prune: boolean): string {
  const left = leftOver.map(renderChange);
  const count = (action: Change['action']) => changes.filter((one) => one.action === action).length;
  const removed = prune ? leftOver.length : 0;
  return [
    ...changes.map(renderChange),
    ...(left.length === 0 ? [] : prune ? left : ['', 'no longer described, stays unless --prune is given:', ...left]),
    ...(changes.length + left.length === 0 ? [] : ['']),
    changes.length + removed === 0
      ? `nothing to do: ${same} as described`
      : `${count('create')} to create, ${count('update')} to update, ${removed} to remove, ${same} as described`,
  ].join('\n');
}
