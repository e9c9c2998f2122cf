/** A table that stays one for a screen reader when a narrow screen shows its rows as cards. */
import { type Html, type Part, html } from '../html.ts';

export interface Table {
  readonly caption: string;
  readonly columns: readonly Part[];
  /** Names of the columns on a narrow screen; the columns themselves unless given. */
  readonly labels?: readonly string[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly Part[])[];
}

// Browsers forget that a table is one when its display changes; the roles say it again.
export function table({ caption, columns, labels, rows }: Table): Html {
  const names = labels ?? columns.map((column) => (typeof column === 'string' ? column : ''));
  const head = columns.map((column) => html`<th scope="col" role="columnheader">${column}</th>`);
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${head}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((cells) => rowOf(cells, names))}
    </tbody>
  </table>`;
}

function rowOf([first, ...rest]: readonly Part[], names: readonly string[]): Html {
  return html`<tr role="row">
    <th scope="row" role="rowheader">${first}</th>
    ${rest.map((cell, index) => html`<td role="cell" data-label="${names[index + 1]}">${cell}</td>`)}
  </tr>`;
}
