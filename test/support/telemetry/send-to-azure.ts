/** A process that sends one wait to the Application Insights of its first argument: Azure's exporter speaks HTTPS only, so its authority is trusted from outside. */
import { DefaultLogger } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { startTelemetry } from '../../../src/telemetry/start-telemetry.ts';

const [, , azureConnection = ''] = process.argv;
const settings = { resource: { 'service.name': 'sluice' }, metricsEveryMs: 60_000, azureConnection };
const telemetry = await startTelemetry(settings, new DefaultLogger('WARN'));
await telemetry.sinks.sluice.observed.fn({} as WorkflowInfo, {
  what: 'wait',
  wait: 'approval',
  service: 'iam',
  version: '1.0.0',
  environment: 'production',
  ...{ trace: 'release', parent: 'promotion', span: 'wait 1', startedMs: 1_000, endedMs: 61_000 },
});
await telemetry.stop();
