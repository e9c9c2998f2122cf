/** The written form of `sluice.yaml`. Shapes only: what refers to what is checked by `rules/`, defaults are set by `normalise.ts`. */
import { z } from 'zod';
import { TURN_POLICIES } from '../domain/turns.ts';
import { ENGINE, HEALTH, REGISTRY_SUFFIX, RESOURCE_MANAGER, ROLL_OUT } from './defaults.ts';
import { DURATION_PATTERN } from './duration.ts';
import { writtenManifests } from './written-manifests.ts';
import { writtenNotification } from './written-notifications.ts';
import { writtenGate } from './written-gates.ts';
import { writtenProofs } from './written-proofs.ts';
import { writtenRecords } from './written-records.ts';
import { writtenSigner } from './written-signers.ts';
import { writtenGuardian } from './written-guardian.ts';
import {
  writtenApproval,
  writtenApprovalPolicy,
  writtenApprovers,
  writtenAuthors,
  writtenIdentity,
} from './written-approvals.ts';

const text = (what: string) => z.string().min(1).describe(what);
const duration = (what: string, preset: string) =>
  z.string().regex(DURATION_PATTERN).describe(`${what} (a duration such as 30s, 10m, 3d; default ${preset})`);
const count = (what: string, preset: number) => z.int().min(1).max(10_000).describe(`${what} (default ${preset})`);

const registry = z
  .strictObject({
    acr: text('Name of the Azure Container Registry.'),
    resourceGroup: text('Resource group of the registry.'),
    subscription: text('Subscription of the registry, usually ${AZURE_SUBSCRIPTION_ID}.'),
    loginServer: text(`Host, or host:port, of the registry (default <acr>${REGISTRY_SUFFIX}).`).optional(),
    endpoint: text(`Azure Resource Manager (default ${RESOURCE_MANAGER}; national clouds, emulator).`).optional(),
    ca: text('PEM file of further certificate authorities, relative to this file.').optional(),
    clientId: text('Client id of the user-assigned identity that acts on this registry.').optional(),
    pullClientId: text("Client id of the identity with which the cluster's nodes pull.").optional(),
  })
  .describe('The registry of this environment.');

const kubeconfigCluster = z.strictObject({
  kubeconfig: text('Kubeconfig file, relative to this file.'),
  context: text('Context in it (default: its current context).').optional(),
});

const aksCluster = z.strictObject({
  aks: text('Name of the AKS cluster.'),
  resourceGroup: text('Resource group of the cluster.'),
  subscription: text("Subscription of the cluster (default: the registry's).").optional(),
});

const simulatedCluster = z.strictObject({
  simulated: z.literal(true).describe('An in-memory cluster with simulated nodes, for trying Sluice out.'),
  stateFile: text('File that keeps its state over restarts, relative to this file.').optional(),
});

const environment = z.strictObject({
  registry,
  cluster: z.union([kubeconfigCluster, aksCluster, simulatedCluster]).describe('The cluster of this environment.'),
  lockImages: z
    .boolean()
    .describe('Make the image undeletable and unwritable in the registry (default false).')
    .optional(),
  approvals: z
    .array(writtenApproval)
    .max(10)
    .describe('Who must say yes before a promotion enters; several entries are several groups.')
    .optional(),
  approvalPolicy: writtenApprovalPolicy
    .describe('In which order, for how long, and what happens meanwhile.')
    .optional(),
  rollOut: z
    .strictObject({
      timeout: duration('How long a roll-out may take', ROLL_OUT.timeout).optional(),
      firstRelease: z
        .enum(['remove', 'leave'])
        .describe(`What undo does with the objects of a first release (default ${ROLL_OUT.firstRelease}).`)
        .optional(),
    })
    .describe('How a roll-out is watched and undone.')
    .optional(),
  turns: z
    .enum(TURN_POLICIES)
    .describe(
      'How promotions of one service take turns: every one (queue), or none after a newer one (latest); default queue.',
    )
    .optional(),
  overrides: z
    .strictObject({
      stop: z
        .array(z.string().min(1))
        .min(1)
        .describe('Groups whose members may let one promotion pass a stop.')
        .optional(),
      hold: z
        .array(z.string().min(1))
        .min(1)
        .describe('Groups whose members may let one promotion pass a hold.')
        .optional(),
    })
    .describe('Who may let a promotion pass what somebody else has stopped or holds, with a reason (default: nobody).')
    .optional(),
  manifests: writtenManifests.optional(),
  guardian: writtenGuardian.optional(),
  gates: z.array(writtenGate).describe('Rules that must say yes before a promotion enters; docs/gates.md.').optional(),
  proofs: writtenProofs.optional(),
  records: writtenRecords.optional(),
  keepEvidence: z
    .boolean()
    .describe(
      'Whether the evidence of releases is kept beside the image in this registry when they end here (default true); docs/evidence.md.',
    )
    .optional(),
});

const health = z.strictObject({
  service: text("Kubernetes Service whose load balancer is asked (default: the service's name).").optional(),
  port: z.int().min(1).max(65_535).describe(`Port (default ${HEALTH.port}).`).optional(),
  path: z.string().regex(/^\//).describe(`Path (default ${HEALTH.path}).`).optional(),
  attempts: count('How often it is asked at most', HEALTH.attempts).optional(),
  every: duration('Time between two attempts', HEALTH.every).optional(),
  timeout: duration("One attempt's limit", HEALTH.timeout).optional(),
  passes: count('How many good answers in a row count as healthy', HEALTH.passes).optional(),
  urls: z
    .record(z.string(), z.url({ protocol: /^https?$/ }))
    .describe('Full address by environment, instead of the load balancer.')
    .optional(),
});

const service = z.strictObject({
  repository: text("Repository in every registry (default: the service's name).").optional(),
  manifests: text(
    'Folder with one folder per environment below it, relative to this file (default manifests/<service>).',
  ).optional(),
  namespace: z
    .union([z.string().min(1), z.record(z.string(), z.string().min(1))])
    .describe("Kubernetes namespace, or one by environment (default: the service's name).")
    .optional(),
  workloads: z
    .array(z.string().regex(/^(?:deployment|statefulset|daemonset)\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/))
    .min(1)
    .describe('What must roll out: deployment/…, statefulset/…, daemonset/… (default [deployment/<service>]).')
    .optional(),
  path: z.array(z.string()).min(1).describe('Environments in order, instead of the common path.').optional(),
  health: z
    .union([z.literal(false), health])
    .describe(`How the service is asked whether it is well (default :${HEALTH.port}${HEALTH.path}; false: not at all).`)
    .optional(),
});

export const writtenConfig = z.strictObject({
  version: z.literal(1).describe('Version of this grammar.'),
  path: z.array(z.string()).min(1).describe('Environments in the order in which releases pass them.'),
  environments: z.record(z.string(), environment).describe('Registry, cluster and rules, by name.'),
  trust: z
    .strictObject({
      signatures: writtenSigner
        .describe('Whose signatures count where an environment names no signers; one passing signature suffices.')
        .optional(),
      signers: z
        .record(z.string(), writtenSigner)
        .describe(
          'Signers by name, for "proofs": each with the keys and identities that are theirs, any of which suffices.',
        )
        .optional(),
      revoked: text(
        'File (YAML) of what is revoked, relative to this file; workers read it anew at each verification; docs/proofs.md.',
      ).optional(),
      authors: writtenAuthors.optional(),
      approvers: writtenApprovers.optional(),
      identity: writtenIdentity.optional(),
    })
    .describe('Whose word counts.'),
  services: z.record(z.string(), service).describe('What is released, by name.'),
  serviceGroups: z
    .record(z.string(), z.array(z.string().min(1)).min(1))
    .describe('Services by the name of a group, which gates may write under "services" instead of each.')
    .optional(),
  notifications: z
    .array(writtenNotification)
    .max(50)
    .describe('Who is told what happens to releases; docs/notifications.md.')
    .optional(),
  engine: z
    .strictObject({
      heartbeat: duration(
        'Without a sign of life for this long a step is given to another worker',
        ENGINE.heartbeat,
      ).optional(),
      retryFor: duration('How long a step is retried before it needs attention', ENGINE.retryFor).optional(),
      attentionFor: duration(
        'How long "needs attention" waits for a person before it rolls back',
        ENGINE.attentionFor,
      ).optional(),
      pauseFor: duration('How long a pause lasts when nobody says otherwise', ENGINE.pauseFor).optional(),
    })
    .describe('Timing of the engine.')
    .optional(),
});

export type WrittenConfig = z.infer<typeof writtenConfig>;
export type WrittenEnvironment = z.infer<typeof environment>;
export type WrittenService = z.infer<typeof service>;
