/** Series of Temporal's SDK (1.24) that dashboards use, with the labels that they use: seen on the scrape of a real worker by test. */
export const TEMPORAL_SERIES: Readonly<Record<string, readonly string[]>> = {
  temporal_worker_task_slots_available: ['task_queue', 'worker_type'],
  temporal_activity_schedule_to_start_latency_bucket: ['task_queue', 'le'],
};
