/** What may go and what stays, for people and for machines. */
import type { Checked } from '../../legacy/check.ts';
import type { CleanUp, Saved } from '../../legacy/judge.ts';
import type { LegacyKind, Steps } from '../../legacy/item.ts';
import type { Paint } from '../terminal.ts';

export interface ShownCleanUp {
  readonly removeNotBefore: string;
  readonly saved: Saved;
  readonly items: readonly {
    readonly kind: LegacyKind;
    readonly name: string;
    readonly mayGo: boolean;
    readonly because: readonly string[];
    readonly lastUse: string | null;
    readonly bytes: number | null;
    readonly referredToIn: readonly string[];
    readonly steps?: Steps;
  }[];
}

/** Plain data: what stays has no steps, so that nobody runs them. */
export function shownCleanUp({ verdicts, removeNotBefore, saved }: CleanUp): ShownCleanUp {
  const items = verdicts.map(({ item, mayGo, because, references }) => ({
    kind: item.kind,
    name: item.name,
    mayGo,
    because,
    lastUse: item.lastUse ?? null,
    bytes: item.bytes ?? null,
    referredToIn: references.map(({ from }) => from),
    ...(mayGo ? { steps: item.steps } : {}),
  }));
  return { removeNotBefore, saved, items };
}

export function renderCleanUp({ items, removeNotBefore, saved }: ShownCleanUp, paint: Paint): string {
  const goes = items.filter(({ mayGo }) => mayGo);
  const stays = items.filter(({ mayGo }) => !mayGo);
  const day = removeNotBefore.slice(0, 10);
  return [
    ...stays.flatMap(({ kind, name, because }) => [
      `${paint('green', 'stays')}   ${kind} ${name}`,
      ...because.map((reason) => `          ${reason}`),
    ]),
    ...goes.flatMap(({ kind, name, lastUse, steps }) => [
      `${paint('yellow', 'may go')}  ${kind} ${name}, last used ${lastUse?.slice(0, 10)}`,
      `          now          ${steps?.disable}`,
      `          to take back ${steps?.restore}`,
      `          from ${day} ${steps?.remove}`,
      `          to undelete  ${steps?.undelete}`,
    ]),
    `${goes.length} may go, ${stays.length} stay; saved: ${saved.atMost ? 'at most ' : ''}${inWords(saved.bytes)}`,
    ...(saved.unknown.length === 0 ? [] : [`size not known, not counted: ${saved.unknown.join(', ')}`]),
    ...(saved.atMost
      ? ['at most, because an image that stays could not be read: it may share layers with those that go']
      : []),
  ].join('\n');
}

/** The way back of everything that goes, last removed first: whoever does not know how far somebody came runs both. */
export function renderUndo(items: readonly Pick<Checked, 'kind' | 'name' | 'steps'>[]): string {
  return items
    .toReversed()
    .flatMap(({ kind, name, steps }) => [
      `${kind} ${name}`,
      `          if removed   ${steps.undelete}`,
      `          then         ${steps.restore}`,
    ])
    .join('\n');
}

export function renderChecked(items: readonly Checked[], paint: Paint): string {
  const [goes, stays] = [items.filter((one) => one.mayBeRemoved), items.filter((one) => !one.mayBeRemoved)];
  return [
    ...stays.flatMap(({ kind, name, because, steps }) => [
      `${paint('green', 'refused')}   ${kind} ${name}`,
      ...because.map((reason) => `          ${reason}`),
      `          to take back ${steps.restore}`,
    ]),
    ...goes.flatMap(({ kind, name, steps }) => [
      `${paint('yellow', 'remove')}    ${kind} ${name}`,
      `          now          ${steps.remove}`,
      `          to undelete  ${steps.undelete}`,
    ]),
    `${goes.length} may be removed now, ${stays.length} refused`,
  ].join('\n');
}

function inWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
