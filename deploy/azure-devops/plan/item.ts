/** One thing of the project, as wanted or as seen, in the same words: names instead of ids, so that both can be compared. */
import type { ResourceType } from '../project/shapes.ts';

export type Value = string | number | boolean | readonly string[];
export type Values = Readonly<Record<string, Value>>;
export type Kind = 'settings' | 'connection' | 'environment' | 'variable group' | 'check' | 'permission';

export interface Target {
  readonly type: ResourceType;
  readonly name: string;
}
export interface Item {
  readonly kind: Kind;
  readonly name: string;
  /** What a check or permission stands on. */
  readonly on?: Target;
  readonly values: Values;
}
export interface Seen extends Item {
  readonly id: string;
  /** Made by this program: only such things are ever removed. */
  readonly ours: boolean;
}

/** Ends the description of everything this program made. */
export const MARK = '[managed by sluice]';

/** The description as it is written to the service. */
export const marked = (text: string): string => (text === '' ? MARK : `${text} ${MARK}`);

/** The same for the same thing, whichever side it was seen on. */
export const identity = (item: Item): string =>
  [item.kind, item.on?.type ?? '', item.on?.name ?? '', item.name].join('\n').toLowerCase();

/** How people read it. */
export const title = (item: Item): string => {
  if (item.on === undefined) return item.name;
  return item.kind === 'permission'
    ? `${item.on.type} ${item.on.name}`
    : `${item.on.type} ${item.on.name} / ${item.name}`;
};
