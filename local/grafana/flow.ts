/** Dashboards of releases under way: what moves, what waits, and how long steps take. */
import { BOTH, type Dashboard, ENVIRONMENT, quantile, SERVICE } from './panels.ts';

export const RELEASES: Dashboard = {
  uid: 'sluice-releases',
  title: 'Sluice: releases',
  panels: [
    {
      title: 'Promotions that ended',
      says: 'By environment and outcome.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_environment, sluice_outcome) (increase(sluice_promotion_ended_total{${BOTH}}[$__rate_interval]))`,
          legend: '{{sluice_environment}} {{sluice_outcome}}',
        },
      ],
    },
    {
      title: 'Open now',
      says: 'Promotions that have not ended, by what they wait for. Every engine says the same.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_environment, sluice_standing) (max by (sluice_service, sluice_environment, sluice_standing) (sluice_promotion_open{${BOTH}}))`,
          legend: '{{sluice_environment}} {{sluice_standing}}',
        },
      ],
    },
    {
      title: 'Released',
      says: 'Part of the promotions that ended, in the time shown.',
      kind: 'stat',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `sum(increase(sluice_promotion_ended_total{${BOTH}, sluice_outcome="released"}[$__range])) / sum(increase(sluice_promotion_ended_total{${BOTH}}[$__range]))`,
        },
      ],
    },
    {
      title: 'Releases open',
      says: 'Whole journeys under way.',
      kind: 'stat',
      unit: 'short',
      width: 8,
      queries: [{ expr: `sum(max by (sluice_service, sluice_standing) (sluice_release_open{${SERVICE}}))` }],
    },
    {
      title: 'Oldest release',
      says: 'Age of the oldest one that is open.',
      kind: 'stat',
      unit: 's',
      width: 8,
      queries: [{ expr: `max(sluice_release_oldest_seconds{${SERVICE}})` }],
    },
    {
      title: 'How long promotions take (95 %)',
      says: 'Waits included.',
      kind: 'timeseries',
      unit: 's',
      width: 24,
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (le, sluice_environment) (rate(sluice_promotion_duration_seconds_bucket{${ENVIRONMENT}}[$__rate_interval])))`,
          legend: '{{sluice_environment}}',
        },
      ],
    },
  ],
};

export const WAITS: Dashboard = {
  uid: 'sluice-waits',
  title: 'Sluice: what waits, and why',
  panels: [
    {
      title: 'Waiting now',
      says: 'By service, environment and reason; `none` is at work.',
      kind: 'table',
      width: 24,
      queries: [
        { expr: `max by (sluice_service, sluice_environment, sluice_standing) (sluice_promotion_open{${BOTH}}) > 0` },
      ],
    },
    {
      title: 'Oldest',
      says: 'Age of the oldest promotion of each kind.',
      kind: 'bargauge',
      unit: 's',
      queries: [
        {
          expr: `max by (sluice_service, sluice_environment, sluice_standing) (sluice_promotion_oldest_seconds{${BOTH}}) > 0`,
          legend: '{{sluice_service}} {{sluice_environment}} {{sluice_standing}}',
        },
      ],
    },
    {
      title: 'How long waits took (median)',
      says: 'Waits that ended in the time shown.',
      kind: 'bargauge',
      unit: 's',
      queries: [
        {
          expr: quantile(0.5, 'sluice_wait_duration_seconds', ENVIRONMENT, 'sluice_environment, sluice_wait'),
          legend: '{{sluice_environment}} {{sluice_wait}}',
        },
      ],
    },
    {
      title: 'Time spent waiting',
      says: 'Seconds of waits that ended, by reason.',
      kind: 'timeseries',
      unit: 's',
      width: 24,
      queries: [
        {
          expr: `sum by (sluice_wait) (increase(sluice_wait_duration_seconds_sum{${ENVIRONMENT}}[$__rate_interval]))`,
          legend: '{{sluice_wait}}',
        },
      ],
    },
  ],
};

export const STEPS: Dashboard = {
  uid: 'sluice-steps',
  title: 'Sluice: steps',
  panels: [
    {
      title: 'How long steps take (median)',
      says: 'All attempts of a step together.',
      kind: 'bargauge',
      unit: 's',
      queries: [
        {
          expr: quantile(0.5, 'sluice_step_duration_seconds', ENVIRONMENT, 'sluice_step'),
          legend: '{{sluice_step}}',
        },
      ],
    },
    {
      title: 'How long steps take (95 %)',
      says: 'All attempts of a step together.',
      kind: 'bargauge',
      unit: 's',
      queries: [
        {
          expr: quantile(0.95, 'sluice_step_duration_seconds', ENVIRONMENT, 'sluice_step'),
          legend: '{{sluice_step}}',
        },
      ],
    },
    {
      title: 'Steps',
      says: 'By what came of them.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_result) (increase(sluice_step_duration_seconds_count{${ENVIRONMENT}}[$__rate_interval]))`,
          legend: '{{sluice_result}}',
        },
      ],
    },
    {
      title: 'Steps of the way back',
      says: 'What was undone.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (sluice_step, sluice_result) (increase(sluice_step_duration_seconds_count{${ENVIRONMENT}, sluice_undo="yes"}[$__rate_interval]))`,
          legend: '{{sluice_step}} {{sluice_result}}',
        },
      ],
    },
  ],
};
