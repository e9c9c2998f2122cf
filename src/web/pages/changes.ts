/** What changes in the manifests, beside the plan: per object, value by value. */
import type { PromotionStatus } from '../../contract/status.ts';
import {
  changesInWords,
  foreignInWords,
  type ManifestChanges,
  type ObjectChange,
  type ValueChange,
} from '../../domain/manifest-change.ts';
import { formatRef } from '../../domain/manifest-object.ts';
import { type Html, type Part, html } from '../html.ts';
import { moment, momentText } from './moment.ts';
import { table } from './table.ts';

/** Undefined where nobody has compared: engines before this one did not. */
export function renderChanges({ changes, environment }: PromotionStatus): Html | undefined {
  if (changes === undefined) return undefined;
  const notes = (changes.notes ?? []).map((note) => html`<p class="box">${capital(note)}</p>`);
  return html`${notes} ${said(changes)}
  ${changes.objects.map((one, index) => object(one, `change-${environment}-${index}`))}`;
}

function said(changes: ManifestChanges): Html {
  const { inCluster, against, unknown } = changes;
  const version = against === undefined ? '' : ` against ${against}`;
  if (unknown !== undefined)
    return html`<p class="box">What changes in the manifests${version} is not known: ${unknown}</p>`;
  if (inCluster === undefined) return html`<p>The manifests${version}: ${changesInWords(changes)}.</p>`;
  const running = against === undefined ? '' : `, where ${against} runs`;
  return html`<p>In the cluster${running}, as of ${moment(inCluster)}: ${changesInWords(changes)}.</p>`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

const WORDS: Readonly<Record<ObjectChange['change'], string>> = {
  added: 'is new',
  removed: 'is stated no more; it stays in the cluster',
  changed: 'changes',
};

/** Objects are folded one by one; what changes is open. */
function object({ ref, change, values, more, foreign }: ObjectChange, id: string): Html {
  const isGone = change === 'added' && foreign === true;
  const name = html`<code>${formatRef(ref)}</code> ${isGone ? 'is gone, and comes back' : WORDS[change]}`;
  if (change !== 'changed') return html`<p>${name}</p>`;
  return html`<details id="${id}" open>
    <summary id="${id}-open">${name}</summary>
    ${table({ caption: `What changes in ${formatRef(ref)}.`, columns: ['Where', 'Now', 'Then'], rows: values.map(row) })}
    ${more > 0 && html`<p>And ${more} more.</p>`}
  </details>`;
}

function row({ path, line, before, after, hidden, foreign }: ValueChange): readonly Part[] {
  const where = html`<code>${path}</code>${line !== undefined && html` line ${line}`}`;
  const others = foreign !== undefined && html`, ${foreignInWords(foreign, momentText)}`;
  if (hidden === true) return [where, html`${muted('a secret, not shown')}${others}`, muted('changes')];
  return [where, html`${value(before)}${others}`, value(after)];
}

function value(text: string | undefined): Html {
  return text === undefined ? muted('nothing') : html`<code>${text}</code>`;
}

function muted(text: string): Html {
  return html`<span class="muted">${text}</span>`;
}
