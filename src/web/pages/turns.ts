/** Who changes something in an environment at this moment, and who waits for their turn, by service. */
import type { EnvironmentStatus } from '../../contract/environment-workflow.ts';
import { waitingFor } from '../../domain/turns.ts';
import { type Html, type Part, html } from '../html.ts';
import { releaseHref } from '../links.ts';
import { badge } from './badge.ts';
import { moment } from './moment.ts';
import { table } from './table.ts';

const COLUMNS = ['Service', 'Turn', 'Version', 'Since'];

export function renderTurns({ environment, turns }: EnvironmentStatus): Html {
  const services = [...new Set([...turns.held, ...turns.queue].map((one) => one.service))].toSorted();
  if (services.length === 0) return html`<p>Nobody changes anything here, and nobody waits for their turn.</p>`;
  const rows = services.flatMap((service): readonly (readonly Part[])[] => [
    ...turns.held
      .filter((one) => one.service === service)
      .map((one) => [service, badge('busy', 'changes it now'), version(one, environment), moment(one.since)]),
    ...waitingFor(turns, service).map((one, index) => [
      service,
      html`number ${index + 1}${one.priority === 'hot-fix' && ', a hot-fix'}`,
      version(one, environment),
      moment(one.askedAt),
    ]),
  ]);
  return table({ caption: `Whose turn it is in ${environment}.`, columns: COLUMNS, rows });
}

function version(one: { readonly service: string; readonly version: string }, environment: string): Html {
  return html`<a href="${releaseHref(one)}#leg-${environment}">${one.version}</a>`;
}
