/** Activities that answer as a test says: every step a yes, unless scripted otherwise, with a log of the calls. */
import { announce } from '../../activities/announce.ts';
import { deskActivities } from '../../activities/desks.ts';
import type { Activities, MayPass, PlanAnswer, PlanRequest, StepAnswer } from '../../src/contract/activities.ts';
import type { Baseline, PromotionPlan } from '../../src/contract/plan.ts';
import type { Interest } from '../../src/domain/notification.ts';
import type { TurnPolicy } from '../../src/domain/turns.ts';
import type { ApprovalRule, Timing } from '../../src/domain/rulebook.ts';
import { digestOf, digestOfJson } from '../../src/content/digest-of.ts';
import { planPromotion } from '../../src/plan/plan-promotion.ts';

export const TIMING: Timing = {
  heartbeatMs: 10_000,
  retryForMs: 5_000,
  attentionForMs: 3_600_000,
  pauseForMs: 3_600_000,
};
export const IMAGE = { repository: 'iam', digest: digestOf('image 1') };
export const MANIFESTS = digestOf('manifests 1');
export const NO_BASELINE: Baseline = { imagePresent: false, tagPresent: false, imageLocked: false, existing: [] };
export const APPROVAL: ApprovalRule = {
  required: 1,
  from: ['release-managers'],
  notRequester: true,
  deadlineMs: 3 * 24 * 3_600_000,
};

export type Script = { [Name in keyof Activities]?: Activities[Name] };

export interface Scripted {
  readonly activities: Activities;
  /** Names of the activities in the order of their calls, `name(environment)`. */
  readonly calls: string[];
}

export interface ScriptOptions {
  readonly path?: readonly string[];
  /** Environments that ask for approval. */
  readonly approvals?: Readonly<Record<string, ApprovalRule>>;
  /** Who made the image, as every plan says. */
  readonly authors?: readonly string[];
  /** Environments that have a gate. */
  readonly gates?: readonly string[];
  /**
   * How promotions take turns. Undefined: as plans of older engines, which know no turns. The time-skipping test server skips no time
   * any more once a workflow that others signal has ended, so whoever needs days to pass does without a desk.
   */
  readonly turns?: TurnPolicy;
  readonly baseline?: Baseline;
  /** Who may let it pass a stop or a hold, as every zone says. */
  readonly mayPass?: MayPass;
  /** Environments in which it is to have been healthy, as every zone says. */
  readonly soaksIn?: readonly string[];
  readonly timing?: Timing;
  /** Who wants to hear of it. */
  readonly notify?: readonly Interest[];
}

export function scriptedActivities(script: Script = {}, options: ScriptOptions = {}): Scripted {
  const calls: string[] = [];
  const path = options.path ?? ['dev', 'staging', 'production'];
  const yes = (name: string) => async (): Promise<StepAnswer> => ({
    ok: true,
    summary: `${name} done`,
    facts: { by: name },
  });
  const makePlan = script.planPromotion ?? (async (request: PlanRequest) => planned(request, options));
  const defaults: Activities = {
    readJourney: async (request) => ({
      ok: true,
      path: request.until === undefined ? path : path.slice(0, path.indexOf(request.until) + 1),
      timing: options.timing ?? TIMING,
      ...(options.notify === undefined ? {} : { notify: options.notify }),
    }),
    notify: yes('notify'),
    announce: (request) => announce({ receivers: options.notify ?? [] }, request),
    ...deskActivities,
    resolveImage: async () => ({ ok: true, image: IMAGE }),
    planPromotion: makePlan,
    checkApproval: async ({ statement }) => ({ ok: true, subject: statement.approver, groups: [] }),
    checkOverride: async ({ statement }) => ({ ok: true, subject: statement.approver, groups: [] }),
    findKnownGood: async () => ({
      ok: true,
      known: { version: '0.9.0', image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' },
    }),
    checkWayBack: async () => ({
      from: { version: '1.0.0', image: IMAGE, manifests: MANIFESTS },
      to: { version: '0.9.0', image: IMAGE, manifests: MANIFESTS },
      checks: [{ check: 'known good', ok: true, said: '0.9.0 ran well' }],
      asks: '',
      undo: [],
    }),
    checkAsItWas: async () => ({ checks: [{ check: 'as before: running', ok: true, said: '1.0.0 runs' }] }),
    findSoaked: async ({ environment }) => ({ environment }),
    writeRestraints: yes('writeRestraints'),
    lookToAdopt: async ({ service, environment }) => ({ service, environment, workloads: [], points: [] }),
    adopt: async () => ({ ok: false, refusal: { code: 'adoption-blocked', message: 'nothing runs here' } }),
    recallEnvironment: async () => ({ restraints: [], inside: [], running: {}, fence: 0 }),
    checkGates: async () => ({ ok: true, answer: 'yes', verdicts: [] }),
    admit: ({ plan }) => makePlan({ ...plan, manifestsPublished: true }),
    verifySignatures: yes('verifySignatures'),
    importImage: yes('importImage'),
    verifyDigest: yes('verifyDigest'),
    copySignatures: yes('copySignatures'),
    checkPullable: yes('checkPullable'),
    lockImage: yes('lockImage'),
    applyManifests: yes('applyManifests'),
    rollOut: yes('rollOut'),
    proveRunning: yes('proveRunning'),
    checkHealth: yes('checkHealth'),
    recordPromotion: yes('recordPromotion'),
    keepEvidence: yes('keepEvidence'),
    lookAfter: async () => ({ kind: 'over', said: 'nobody looks here' }),
    observeImage: async ({ at }) => ({
      ...{ found: true, registry: `${at}.example.test` },
      ...{ proofs: await yes('proofs')(), content: await yes('content')() },
    }),
    observeGates: async () => ({ ok: true, answer: 'yes', verdicts: [] }),
    observeRegistry: async () => ({ import: await yes('import')(), pull: await yes('pull')() }),
    observeCluster: async () => ({
      apply: await yes('dry run')(),
      live: { digest: 'same', objects: 'same', says: 'runs exactly that' },
    }),
    unlockImage: yes('unlockImage'),
    removeImage: yes('removeImage'),
    restoreManifests: yes('restoreManifests'),
  };
  return { activities: logged({ ...defaults, ...script }, calls), calls };
}

export function planned(request: PlanRequest, options: ScriptOptions = {}): PlanAnswer & { ok: true } {
  const plan = aPlan(request, options);
  const baseline = options.baseline ?? NO_BASELINE;
  const mayPass = options.mayPass === undefined ? {} : { mayPass: options.mayPass };
  const soaksIn = options.soaksIn === undefined ? {} : { soaksIn: options.soaksIn };
  return { ok: true, plan, planDigest: digestOfJson(plan), baseline, ...mayPass, ...soaksIn };
}

function aPlan(request: PlanRequest, options: ScriptOptions): PromotionPlan {
  const environment = (name: string) => ({
    name,
    registryHost: `${name}.example.test`,
    lockImages: name === 'production',
    rollOutTimeoutMs: 300_000,
    ...(options.turns === undefined ? {} : { turns: options.turns }),
    firstRelease: 'remove' as const,
    ...(options.approvals?.[name] === undefined ? {} : { approval: options.approvals[name] }),
    ...(options.gates?.includes(name) ? { gates: [OFFICE] } : {}),
  });
  const made = planPromotion({
    service: {
      name: request.service,
      repository: 'iam',
      namespaces: {},
      workloads: ['deployment/iam'],
      path: [],
      health: HEALTH,
    },
    version: request.version,
    target: environment(request.environment),
    source: environment(request.source),
    image: request.image,
    manifests: request.manifests,
    policyVersion: 'test',
    ...(request.rollback === true
      ? { rollback: request.awayFrom === undefined ? {} : { awayFrom: request.awayFrom } }
      : {}),
  });
  const plan = options.authors === undefined ? made : { ...made, authors: options.authors };
  if (options.turns !== undefined) return plan;
  const { turns: _, ...without } = plan;
  return { ...without, steps: plan.steps.filter(({ step }) => step !== 'lease') };
}

const OFFICE = { kind: 'hours', name: 'office', zone: 'UTC', days: ['Mon'], from: '09:00', to: '17:00' } as const;

const HEALTH = {
  service: 'iam',
  port: 8080,
  path: '/health',
  attempts: 3,
  everyMs: 10,
  timeoutMs: 100,
  passes: 1,
  urls: {},
};

function logged(activities: Activities, calls: string[]): Activities {
  const entries = Object.entries(activities) as [string, (request: never) => Promise<unknown>][];
  const wrapped = entries.map(([name, act]) => [
    name,
    (request: never) => {
      calls.push(`${name}${whereOf(request)}`);
      return act(request);
    },
  ]);
  return Object.fromEntries(wrapped) as unknown as Activities;
}

function whereOf(request: { environment?: string; plan?: { environment: string }; at?: string; to?: string }): string {
  const environment = request.plan?.environment ?? request.environment;
  const which = request.at ?? request.to;
  return environment === undefined ? '' : `(${environment}${which === undefined ? '' : `, ${which}`})`;
}
