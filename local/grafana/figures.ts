/** Dashboards of what goes wrong, of what Sluice stands on, and of the four DORA figures. */
import { BOTH, type Dashboard, ENVIRONMENT, quantile, SERVICE } from './panels.ts';

export const FAILURES: Dashboard = {
  uid: 'sluice-failures',
  title: 'Sluice: failures by code',
  panels: [
    {
      title: 'Promotions that did not release, by code',
      says: 'docs/errors.md has each code with its cause and remedy.',
      kind: 'table',
      width: 24,
      queries: [
        {
          expr: `sum by (sluice_service, sluice_environment, sluice_outcome, sluice_code) (increase(sluice_promotion_ended_total{${BOTH}, sluice_outcome!="released"}[$__range])) > 0`,
        },
      ],
    },
    {
      title: 'Steps that said no, by code',
      says: 'Refusals and failures, the way back included.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_step, sluice_code) (increase(sluice_step_failures_total{${BOTH}}[$__rate_interval]))`,
          legend: '{{sluice_step}} {{sluice_code}}',
        },
      ],
    },
    {
      title: 'Attempts that failed, by code',
      says: 'Most of them are tried again by themselves.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_code) (increase(sluice_activity_attempts_total{${ENVIRONMENT}, sluice_code!="none"}[$__rate_interval]))`,
          legend: '{{sluice_code}}',
        },
      ],
    },
    {
      title: 'Notifications',
      says: 'Events that arrived at a receiver, and those that were given up after a day.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (sluice_receiver, sluice_delivered) (increase(sluice_notification_deliveries_total[$__rate_interval]))',
          legend: '{{sluice_receiver}} arrived: {{sluice_delivered}}',
        },
      ],
    },
    {
      title: 'Signers and exceptions that end',
      says: 'From then on what needs them is refused.',
      kind: 'table',
      unit: 'dateTimeFromNow',
      queries: [
        { expr: 'min by (sluice_expiring, sluice_entry, sluice_environment) (sluice_trust_expires_seconds) * 1000' },
      ],
    },
  ],
};

export const HEALTH: Dashboard = {
  uid: 'sluice-health',
  title: 'Sluice: registries, clusters, engine',
  panels: [
    {
      title: 'Registries: attempts that failed',
      says: 'By environment and code.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_environment, sluice_code) (increase(sluice_activity_attempts_total{${ENVIRONMENT}, sluice_code=~"registry-.*"}[$__rate_interval]))`,
          legend: '{{sluice_environment}} {{sluice_code}}',
        },
      ],
    },
    {
      title: 'Clusters: attempts that failed',
      says: 'By environment and code.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_environment, sluice_code) (increase(sluice_activity_attempts_total{${ENVIRONMENT}, sluice_code=~"cluster-.*"}[$__rate_interval]))`,
          legend: '{{sluice_environment}} {{sluice_code}}',
        },
      ],
    },
    {
      title: 'How long registries and clusters take (95 %)',
      says: 'One attempt of each activity.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (le, sluice_activity) (rate(sluice_activity_duration_seconds_bucket{${ENVIRONMENT}}[$__rate_interval])))`,
          legend: '{{sluice_activity}}',
        },
      ],
    },
    {
      title: 'Workers',
      says: '1: answers.',
      kind: 'timeseries',
      unit: 'short',
      queries: [{ expr: 'up{job="sluice-worker"}', legend: '{{instance}}' }],
    },
    {
      title: 'Since Temporal was last read',
      says: 'More than a minute: the engine cannot reach it.',
      kind: 'stat',
      unit: 's',
      width: 6,
      queries: [{ expr: 'time() - max(sluice_standing_read_seconds)' }],
    },
    {
      title: 'Exports that failed',
      says: 'Telemetry that was lost; releases do not notice.',
      kind: 'stat',
      unit: 'short',
      width: 6,
      queries: [{ expr: 'sum(increase(sluice_telemetry_export_failures_total[$__range])) or vector(0)' }],
    },
    {
      title: 'Free slots of workers',
      says: 'Of Temporal’s SDK: 0 for long, and work waits.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: 'min by (task_queue, worker_type) (temporal_worker_task_slots_available)',
          legend: '{{task_queue}} {{worker_type}}',
        },
      ],
    },
    {
      title: 'How long activities wait for a worker (95 %)',
      says: 'Of Temporal’s SDK: more than a second for long, and workers are too few.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.95, sum by (le, task_queue) (rate(temporal_activity_schedule_to_start_latency_bucket[$__rate_interval]))) / 1000',
          legend: '{{task_queue}}',
        },
      ],
    },
  ],
};

const LAST = 'sluice_environment="$last"';
export const DORA: Dashboard = {
  uid: 'sluice-dora',
  title: 'Sluice: the four DORA figures',
  panels: [
    {
      title: 'Deployment frequency',
      says: 'Releases into the last environment, a day.',
      kind: 'stat',
      unit: 'short',
      width: 6,
      queries: [
        {
          expr: `sum(increase(sluice_promotion_ended_total{${SERVICE}, ${LAST}, sluice_journey="release", sluice_outcome="released"}[$__range])) / ($__range_s / 86400)`,
        },
      ],
    },
    {
      title: 'Lead time (median)',
      says: 'From the start of a release to its end; what lies before the start is the pipeline’s.',
      kind: 'stat',
      unit: 's',
      width: 6,
      queries: [
        {
          expr: quantile(
            0.5,
            'sluice_release_duration_seconds',
            `${SERVICE}, sluice_journey="release", sluice_outcome="released"`,
            'sluice_journey',
          ),
        },
      ],
    },
    {
      title: 'Change failure rate',
      says: 'Promotions into the last environment that were rolled back, and roll-backs from it, of all that changed it.',
      kind: 'stat',
      unit: 'percentunit',
      width: 6,
      queries: [
        {
          expr: `(sum(increase(sluice_promotion_ended_total{${SERVICE}, ${LAST}, sluice_journey="release", sluice_outcome="rolled-back"}[$__range])) + (sum(increase(sluice_promotion_ended_total{${SERVICE}, ${LAST}, sluice_journey="rollback", sluice_outcome="released"}[$__range])) or vector(0))) / sum(increase(sluice_promotion_ended_total{${SERVICE}, ${LAST}, sluice_journey="release", sluice_outcome=~"released|rolled-back"}[$__range]))`,
        },
      ],
    },
    {
      title: 'Time to restore (median)',
      says: 'From the order to roll back until the version before ran well again.',
      kind: 'stat',
      unit: 's',
      width: 6,
      queries: [
        {
          expr: quantile(
            0.5,
            'sluice_release_duration_seconds',
            `${SERVICE}, sluice_journey="rollback", sluice_outcome="released"`,
            'sluice_journey',
          ),
        },
      ],
    },
    {
      title: 'Deployments a day, by service',
      says: 'Into the last environment.',
      kind: 'timeseries',
      unit: 'short',
      width: 24,
      queries: [
        {
          expr: `sum by (sluice_service) (increase(sluice_promotion_ended_total{${SERVICE}, ${LAST}, sluice_outcome="released"}[1d]))`,
          legend: '{{sluice_service}}',
        },
      ],
    },
  ],
};
