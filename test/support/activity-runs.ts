/** Running activities as a worker would, without a server. */
import assert from 'node:assert/strict';
import { ApplicationFailure, type ActivityFunction } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type Logger } from '@temporalio/worker';
import { createEnvironmentActivities, type Zone } from '../../activities/index.ts';
import type { EnvironmentActivities, PlanAnswer, StepAnswer, StepRequest } from '../../src/contract/activities.ts';
import type { MemoryWorld, Pushed } from './memory-world.ts';

/** Who asks, as the server says it, and who hears what the worker logs. */
export interface Asking {
  readonly heartbeatDetails?: unknown;
  /** The how-manieth time; undefined: the first. */
  readonly attempt?: number;
  readonly from?: { readonly workflowId: string; readonly runId: string };
  readonly logger?: Logger;
}

/** Runs one activity as a worker would, with its own heartbeat details. */
export function run<Name extends keyof EnvironmentActivities>(
  zone: Zone,
  name: Name,
  request: Parameters<EnvironmentActivities[Name]>[0],
  heartbeatDetails?: unknown,
): Promise<Awaited<ReturnType<EnvironmentActivities[Name]>>> {
  return runFrom({ heartbeatDetails }, zone, name, request);
}

export async function runFrom<Name extends keyof EnvironmentActivities>(
  { heartbeatDetails, attempt = 1, from, logger = new DefaultLogger('ERROR') }: Asking,
  zone: Zone,
  name: Name,
  request: Parameters<EnvironmentActivities[Name]>[0],
): Promise<Awaited<ReturnType<EnvironmentActivities[Name]>>> {
  const info = { heartbeatDetails, attempt, heartbeatTimeoutMs: 10_000, activityType: name };
  const env = new MockActivityEnvironment(from === undefined ? info : { ...info, workflowExecution: from }, { logger });
  const act = createEnvironmentActivities(zone)[name] as unknown as ActivityFunction<[unknown], unknown>;
  const answer: unknown = await env.run<[unknown], unknown, typeof act>(act, request);
  return answer as Awaited<ReturnType<EnvironmentActivities[Name]>>;
}

export async function planFor(
  world: MemoryWorld,
  pushed: Pushed,
  version: string,
  environment: 'dev' | 'staging' = 'staging',
): Promise<PlanAnswer & { readonly ok: true }> {
  const request = {
    service: 'iam',
    version,
    environment,
    source: 'dev',
    image: { repository: 'iam', digest: pushed.digest },
    manifests: pushed.manifests,
    manifestsPublished: true,
  };
  const answer = await run(world.zones[environment], 'planPromotion', request);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer;
}

/** As a promotion is before it acts: let in, with the way back that was observed then. */
export async function letIn(zone: Zone, request: StepRequest): Promise<StepRequest> {
  const answer = await run(zone, 'admit', request);
  assert.ok(answer.ok, JSON.stringify(answer));
  assert.equal(answer.planDigest, request.planDigest);
  return { ...request, baseline: answer.baseline };
}

/** Everything up to health, as the workflow orders it; a promotion that is still under way. */
export async function advance(
  world: MemoryWorld,
  asked: StepRequest,
): Promise<{ readonly request: StepRequest; readonly answers: readonly StepAnswer[] }> {
  const zone = world.zones.staging;
  const answers = [await run(zone, 'verifySignatures', { ...asked, at: 'source' })];
  const request = await letIn(zone, asked);
  for (const name of ['importImage', 'verifyDigest', 'copySignatures'] as const)
    answers.push(await run(zone, name, request));
  answers.push(await run(zone, 'verifySignatures', { ...request, at: 'destination' }));
  for (const name of ['checkPullable', 'lockImage', 'applyManifests'] as const)
    answers.push(await run(zone, name, request));
  for (const name of ['rollOut', 'proveRunning', 'checkHealth'] as const)
    answers.push(await run(zone, name, { ...request, to: 'new' }));
  return { request, answers };
}

/** Everything from the first look to the record, as the workflow orders it. */
export async function promote(world: MemoryWorld, asked: StepRequest): Promise<StepAnswer[]> {
  const { request, answers } = await advance(world, asked);
  return [...answers, await run(world.zones.staging, 'recordPromotion', request)];
}

export function isFailure(type: string, nonRetryable: boolean): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApplicationFailure, String(error));
    assert.deepEqual([error.type, error.nonRetryable], [type, nonRetryable]);
    assert.equal((error.details?.[0] as { code?: string }).code, type);
    return true;
  };
}
