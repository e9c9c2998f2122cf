/** Grafana's dashboards from one program: `node local/grafana/dashboards.ts` writes them anew, a test holds the files to it. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DORA, FAILURES, HEALTH } from './figures.ts';
import { RELEASES, STEPS, WAITS } from './flow.ts';
import type { Dashboard, Panel } from './panels.ts';

export const DASHBOARDS: readonly Dashboard[] = [RELEASES, WAITS, STEPS, FAILURES, HEALTH, DORA];

const SOURCE = { type: 'prometheus', uid: 'prometheus' } as const;
const ROW = 24;
const HEIGHT = { stat: 5, timeseries: 8, table: 8, bargauge: 8 } as const;

/** As Grafana takes it for provisioning and import. */
export function grafanaOf({ uid, title, panels }: Dashboard): object {
  let at = { x: 0, y: 0, below: 0 };
  const placed = panels.map((panel, index) => {
    const w = panel.width ?? 12;
    const h = HEIGHT[panel.kind];
    if (at.x + w > ROW) at = { x: 0, y: at.below, below: at.below };
    const gridPos = { h, w, x: at.x, y: at.y };
    at = { x: at.x + w, y: at.y, below: Math.max(at.below, at.y + h) };
    return panelOf(panel, index + 1, gridPos);
  });
  const variables = [variable('service'), variable('environment'), ...(uid === DORA.uid ? [last()] : [])];
  return {
    uid,
    title,
    tags: ['sluice'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    refresh: '30s',
    time: { from: uid === DORA.uid ? 'now-30d' : 'now-6h', to: 'now' },
    templating: { list: variables },
    panels: placed,
  };
}

function panelOf({ title, says, kind, unit = 'short', queries }: Panel, id: number, gridPos: object): object {
  return {
    id,
    title,
    description: says,
    type: kind,
    datasource: SOURCE,
    gridPos,
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: SOURCE,
      expr,
      ...(legend === undefined ? {} : { legendFormat: legend }),
      ...(kind === 'timeseries' ? {} : { instant: true }),
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
  };
}

function variable(name: 'service' | 'environment'): object {
  return {
    ...{ name, type: 'query', datasource: SOURCE, includeAll: true, multi: true, allValue: '.*', refresh: 2 },
    query: `label_values(sluice_promotion_ended_total, sluice_${name})`,
    current: { text: 'All', value: '$__all' },
  };
}

/** Whose promotions are deployments to those who use the service. */
function last(): object {
  const query = 'label_values(sluice_promotion_ended_total, sluice_environment)';
  const current = { text: 'production', value: 'production' };
  return { name: 'last', label: 'last environment', type: 'query', datasource: SOURCE, refresh: 2, query, current };
}

export function fileOf({ uid }: Dashboard): URL {
  return new URL(`../../deploy/monitoring/grafana/${uid}.json`, import.meta.url);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const dashboard of DASHBOARDS)
    writeFileSync(fileOf(dashboard), `${JSON.stringify(grafanaOf(dashboard), undefined, 2)}\n`);
