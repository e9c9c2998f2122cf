/** Once more, just before something is removed: whether what a kept plan lets go may still go. Pure; whatever is in doubt stays. */
import type { LegacyKind, Steps } from './item.ts';
import type { Verdict } from './judge.ts';

/** An entry of the plan that was kept when things were disabled: its steps lead back to what was there then. */
export interface PlannedItem {
  readonly kind: LegacyKind;
  readonly name: string;
  /** ISO 8601. */
  readonly lastUse: string | null;
  readonly steps: Steps;
}

export interface Checked extends PlannedItem {
  readonly mayBeRemoved: boolean;
  /** Every reason against it. */
  readonly because: readonly string[];
}

/** `verdicts`: of lists that were recorded now. `removeNotBefore`: of the plan, ISO 8601. */
export function checkAgain(
  planned: readonly PlannedItem[],
  verdicts: readonly Verdict[],
  { now, removeNotBefore }: { readonly now: Date; readonly removeNotBefore: string },
): readonly Checked[] {
  const waits = now.getTime() < Date.parse(removeNotBefore) ? [`not before ${removeNotBefore.slice(0, 10)}`] : [];
  return planned.map((one) => {
    const found = verdicts.find(({ item }) => item.kind === one.kind && item.name === one.name);
    const because = [...waits, ...(found === undefined ? [NOT_LISTED] : reasonsAgainst(one, found))];
    return { ...one, mayBeRemoved: because.length === 0, because };
  });
}

const NOT_LISTED = 'it is in none of the lists any more: removed already, or its list was not recorded';

function reasonsAgainst(planned: PlannedItem, { item, because }: Verdict): readonly string[] {
  const [was, is] = [planned.lastUse ?? '', item.lastUse ?? ''];
  const reasons = [...because];
  // also a use that is long ago by now: the plan did not know of it
  if (is !== '' && Date.parse(is) > Date.parse(was)) reasons.push(`used since the plan was made: ${is}`);
  if (item.disabled === undefined) reasons.push('could not find out whether it is disabled');
  else if (!item.disabled) reasons.push('it was not disabled, or is not any more: nobody could have missed it');
  return reasons;
}
