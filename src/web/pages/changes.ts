/** What changes in the manifests, beside the plan: per object, value by value. */
import type { PromotionStatus } from '../../contract/status.ts';
import { changesInWords, type ObjectChange, type ValueChange } from '../../domain/manifest-change.ts';
import { formatRef } from '../../domain/manifest-object.ts';
import { type Html, type Part, html } from '../html.ts';
import { table } from './table.ts';

/** Undefined where nobody has compared: engines before this one did not. */
export function renderChanges({ changes, environment }: PromotionStatus): Html | undefined {
  if (changes === undefined) return undefined;
  const against = changes.against === undefined ? '' : ` against ${changes.against}`;
  const said =
    changes.unknown === undefined
      ? html`<p>The manifests${against}: ${changesInWords(changes)}.</p>`
      : html`<p class="box">What changes in the manifests${against} is not known: ${changes.unknown}</p>`;
  return html`${said} ${changes.objects.map((one, index) => object(one, `change-${environment}-${index}`))}`;
}

const WORDS: Readonly<Record<ObjectChange['change'], string>> = {
  added: 'is new',
  removed: 'is stated no more; it stays in the cluster',
  changed: 'changes',
};

/** Objects are folded one by one; what changes is open. */
function object({ ref, change, values, more }: ObjectChange, id: string): Html {
  const name = html`<code>${formatRef(ref)}</code> ${WORDS[change]}`;
  if (change !== 'changed') return html`<p>${name}</p>`;
  return html`<details id="${id}" open>
    <summary id="${id}-open">${name}</summary>
    ${table({ caption: `What changes in ${formatRef(ref)}.`, columns: ['Where', 'Now', 'Then'], rows: values.map(row) })}
    ${more > 0 && html`<p>And ${more} more.</p>`}
  </details>`;
}

function row({ path, line, before, after, hidden }: ValueChange): readonly Part[] {
  const where = html`<code>${path}</code>${line !== undefined && html` line ${line}`}`;
  if (hidden === true) return [where, muted('a secret, not shown'), muted('changes')];
  return [where, value(before), value(after)];
}

function value(text: string | undefined): Html {
  return text === undefined ? muted('nothing') : html`<code>${text}</code>`;
}

function muted(text: string): Html {
  return html`<span class="muted">${text}</span>`;
}
