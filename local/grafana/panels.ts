/** What a dashboard is made of, before it is drawn as Grafana wants it. */

export interface Query {
  readonly expr: string;
  readonly legend?: string;
}
export interface Panel {
  readonly title: string;
  readonly says: string;
  readonly kind: 'timeseries' | 'stat' | 'table' | 'bargauge';
  readonly unit?: 's' | 'short' | 'percentunit' | 'dateTimeFromNow';
  readonly queries: readonly Query[];
  readonly width?: 6 | 8 | 12 | 24;
}
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What the variables at the head of each dashboard choose. */
export const SERVICE = 'sluice_service=~"$service"';
export const ENVIRONMENT = 'sluice_environment=~"$environment"';
export const BOTH = `${SERVICE}, ${ENVIRONMENT}`;

export const quantile = (q: number, metric: string, filter: string, by: string): string =>
  `histogram_quantile(${q}, sum by (le, ${by}) (increase(${metric}_bucket{${filter}}[$__range])))`;
