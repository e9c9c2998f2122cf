/** The comparison as one file: no script, nothing from outside, in the style of the other pages; for whoever decides about a move. */
import { createHash } from 'node:crypto';
import type { Answer, ObjectAnswer } from '../../comparison/compare.ts';
import { readAssets } from '../../web/assets.ts';
import { Html, html } from '../../web/html.ts';
import { badge } from '../../web/pages/badge.ts';
import { moment } from '../../web/pages/moment.ts';
import { table } from '../../web/pages/table.ts';
import {
  inOrder,
  inUnits,
  missingInWords,
  sumsOf,
  TAG_UNKNOWN,
  turnsInWords,
  unusedInWords,
  whatDiffers,
} from '../render/compare.ts';
import type { Comparison, ServiceComparison } from './compare-services.ts';

const TONE = { equal: 'good', different: 'bad', missing: 'bad', unknown: 'warn' } as const satisfies Record<
  Answer,
  string
>;

export function comparisonPage(comparison: Comparison): string {
  const { environment, services } = comparison;
  const style = readAssets().style.body.toString('utf8');
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`;
  const title = `Legacy and Sluice in ${environment}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · Sluice</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        ${new Html(`<style>${style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header><span class="brand">Sluice</span></header>
        <main id="main" tabindex="-1">
          <h1>${title}</h1>
          <p>${sumsOf(services)}.</p>
          ${aboutOf(comparison)}
          ${table({
            caption: 'Services',
            columns: ['Service', 'Answer', 'Differs in', 'Order'],
            rows: services.map((one, index) => [
              html`<a href="#${`service-${index}`}">${one.service}</a>`,
              badge(TONE[one.answer], one.answer),
              whatDiffers(one),
              one.order.answer,
            ]),
          })}
          ${services.map(sectionOf)}
        </main>
        <footer><p>Nothing was changed to find this out. Contents of secrets are not shown.</p></footer>
      </body>
    </html> `.text;
}

function aboutOf({ at, legacy, sluice, unused, notes }: Comparison): Html {
  const said = [...notes, ...unused.map(unusedInWords)];
  return html`<dl class="facts">
      <dt>Legacy</dt>
      <dd>${legacy}</dd>
      <dt>Sluice</dt>
      <dd>${sluice}</dd>
      <dt>Compared</dt>
      <dd>${moment(at)}</dd>
    </dl>
    ${
      said.length > 0 &&
      html`<ul>
        ${said.map((one) => html`<li>${one}</li>`)}
      </ul>`
    }`;
}

function sectionOf(one: ServiceComparison, index: number): Html {
  const { service, answer, objects, order, durations } = one;
  const differing = objects.filter((each) => each.answer !== 'equal');
  return html`<section aria-labelledby="${`service-${index}`}">
    <h2 id="${`service-${index}`}">${service}</h2>
    <p>${badge(TONE[answer], answer)}, ${objects.length} ${objects.length === 1 ? 'object' : 'objects'}</p>
    ${
      differing.length > 0 &&
      table({
        caption: `What is not equal in ${service}`,
        columns: ['Object', 'What', 'Where', 'Legacy', 'Sluice'],
        rows: differing.flatMap(rowsOf),
      })
    }
    <h3>Order</h3>
    ${order.legacy.length > 0 && html`<p>Legacy: ${turnsInWords(order.legacy)}</p>`}
    <p>Sluice: ${turnsInWords(order.sluice)}</p>
    <ul>
      ${inOrder(order).map((line) => html`<li>${line}</li>`)}
    </ul>
    <h3>Duration</h3>
    ${durations.length === 0 && html`<p>Not measured on either side.</p>`}
    <ul>
      ${durations.map((span) => html`<li>${inUnits(span)}</li>`)}
    </ul>
  </section>`;
}

function rowsOf({ object, answer, missingIn, values }: ObjectAnswer): readonly (readonly (Html | string)[])[] {
  if (missingIn !== undefined) return [[object, missingInWords({ missingIn }), '', '', '']];
  const unknown = answer === 'unknown' && values.length === 0 ? [[object, TAG_UNKNOWN, '', '', '']] : [];
  const told = values.map(({ what, path, before, after, hidden }) => [
    object,
    what,
    html`<code>${path}</code>`,
    hidden === true ? 'not shown' : html`<code>${before ?? 'nothing'}</code>`,
    hidden === true ? 'not shown' : html`<code>${after ?? 'nothing'}</code>`,
  ]);
  return [...unknown, ...told];
}
