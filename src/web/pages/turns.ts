/** Who changes something in an environment at this moment, and who waits for their turn, by service. */
import type { BoardPlace } from '../../client/index.ts';
import type { EnvironmentStatus } from '../../contract/environment-workflow.ts';
import { waitingFor } from '../../domain/turns.ts';
import { type Html, type Part, html } from '../html.ts';
import { promotionHref } from '../links.ts';
import { badge } from './badge.ts';
import { moment } from './moment.ts';
import { table } from './table.ts';

const COLUMNS = ['Service', 'Turn', 'Version', 'Since'];

/** `places`: what is on its way there, which says what is a roll-back; the desk does not. */
export function renderTurns({ environment, turns }: EnvironmentStatus, places: readonly BoardPlace[]): Html {
  const version = (one: { readonly service: string; readonly version: string }): Html => {
    const place = places.find(({ service }) => service === one.service);
    const rollback = place?.entering.find((entering) => entering.version === one.version)?.rollback;
    return html`<a href="${promotionHref({ ...one, rollback }, environment)}">${one.version}</a>`;
  };
  const services = [...new Set([...turns.held, ...turns.queue].map((one) => one.service))].toSorted();
  if (services.length === 0) return html`<p>Nobody changes anything here, and nobody waits for their turn.</p>`;
  const rows = services.flatMap((service): readonly (readonly Part[])[] => [
    ...turns.held
      .filter((one) => one.service === service)
      .map((one) => [service, badge('busy', 'changes it now'), version(one), moment(one.since)]),
    ...waitingFor(turns, service).map((one, index) => [
      service,
      html`number ${index + 1}${one.priority === 'hot-fix' && ', a hot-fix'}`,
      version(one),
      moment(one.askedAt),
    ]),
  ]);
  return table({ caption: `Whose turn it is in ${environment}.`, columns: COLUMNS, rows });
}
