/** What may go: pure, and careful in one direction only. What could not be found out stays. */
import type { LegacyItem } from './item.ts';

export interface Reference {
  /** File, as it was found. */
  readonly from: string;
  readonly word: string;
}
export interface Rules {
  readonly now: Date;
  /** Milliseconds without use after which something may go. */
  readonly unusedFor: number;
  /** Milliseconds between disabling and removing. */
  readonly wait: number;
}
export interface Verdict {
  readonly item: LegacyItem;
  readonly mayGo: boolean;
  /** Why it stays, every reason; empty when it may go. */
  readonly because: readonly string[];
  readonly references: readonly Reference[];
}
export interface CleanUp {
  readonly verdicts: readonly Verdict[];
  /** ISO 8601: not removed before, when it is disabled now. */
  readonly removeNotBefore: string;
  readonly saved: Saved;
}
export interface Saved {
  readonly bytes: number;
  /** What goes without a known size. */
  readonly unknown: readonly string[];
  /** An image that stays could not be read: it may share layers with those that go. */
  readonly atMost: boolean;
}

/** Judges everything; `references` are those of the item with that index. */
export function judge(
  items: readonly LegacyItem[],
  references: readonly (readonly Reference[])[],
  rules: Rules,
): CleanUp {
  const reasons = items.map((item, index) => ownReasons(item, references[index] ?? [], rules));
  keepTogether(items, reasons);
  const verdicts = items.map((item, index) => ({
    item,
    mayGo: reasons[index]!.length === 0,
    because: reasons[index]!,
    references: references[index] ?? [],
  }));
  const removeNotBefore = new Date(rules.now.getTime() + rules.wait).toISOString();
  return { verdicts, removeNotBefore, saved: savedBy(verdicts) };
}

function ownReasons(item: LegacyItem, references: readonly Reference[], { now, unusedFor }: Rules): string[] {
  const reasons: string[] = [];
  if (references.length > 0) reasons.push(`referred to in ${references.map(({ from }) => from).join(', ')}`);
  if (item.lastUse === undefined) reasons.push('could not find out when it was last used');
  else if (now.getTime() - Date.parse(item.lastUse) < unusedFor) reasons.push(`last used ${item.lastUse.slice(0, 10)}`);
  if (item.locked === undefined) reasons.push('could not find out whether it is locked');
  else if (item.locked) reasons.push('locked');
  if (item.kind === 'image' && item.content === undefined)
    reasons.push('its registry could not be read, so that what it belongs to is not known');
  return reasons;
}

/** An index keeps its platforms, an image what was said about it: to a fixed point, for either may be nested. */
function keepTogether(items: readonly LegacyItem[], reasons: string[][]): void {
  const within = (item: LegacyItem, digest: string) => {
    const at = item.name.slice(0, item.name.indexOf('@') + 1);
    return items.findIndex((other) => other.kind === 'image' && other.name === at + digest);
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, item] of items.entries()) {
      if (item.content === undefined) continue;
      const { parts, subject } = item.content;
      if (reasons[index]!.length > 0)
        for (const part of parts) {
          const place = within(item, part);
          if (place === -1 || reasons[place]!.length > 0) continue;
          reasons[place]!.push(`a part of ${item.name}`);
          changed = true;
        }
      const about = subject === undefined ? -1 : within(item, subject);
      if (about === -1 || reasons[about]!.length === 0 || reasons[index]!.length > 0) continue;
      reasons[index]!.push(`says something about ${items[about]!.name}`);
      changed = true;
    }
  }
}

function savedBy(verdicts: readonly Verdict[]): Saved {
  const stays = new Set<string>();
  const goes = new Map<string, number>();
  let bytes = 0;
  const unknown: string[] = [];
  const key = (registry: string, digest: string) => `${registry}/${digest}`;
  for (const { item, mayGo } of verdicts)
    if (item.content !== undefined && !mayGo)
      for (const digest of item.content.blobs.keys()) stays.add(key(item.content.registry, digest));
  for (const { item, mayGo } of verdicts) {
    if (!mayGo) continue;
    if (item.content !== undefined)
      for (const [digest, size] of item.content.blobs) goes.set(key(item.content.registry, digest), size);
    else if (item.bytes !== undefined) bytes += item.bytes;
    else if (item.kind !== 'pipeline') unknown.push(item.name);
  }
  for (const [digest, size] of goes) if (!stays.has(digest)) bytes += size;
  const unread = verdicts.some(({ item }) => item.kind === 'image' && item.content === undefined);
  return { bytes, unknown, atMost: unread && goes.size > 0 };
}
