/** What an administrator writes: the project as it shall be. Strict throughout: a key that is not known is a mistake, not a wish. */
import { z } from 'zod';

const name = z.string().min(1).max(100);
const uuid = z.guid('expected an id such as 00000000-0000-0000-0000-000000000000');
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 09:00');

export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const template = z.strictObject({
  /** git: a repository of Azure Repos ("project/name"); github: "owner/name". */
  type: z.enum(['git', 'github']).default('git'),
  repository: name,
  ref: name,
  path: name,
});

const protection = z.strictObject({
  branches: z.array(name).min(1),
  templates: z.array(template).min(1),
});

const guards = {
  exclusiveLock: z.boolean().default(false),
  approvals: z
    .strictObject({
      approvers: z.array(z.strictObject({ name, id: uuid })).min(1),
      required: z.int().min(1),
      requesterMayApprove: z.boolean().default(false),
      instructions: z.string().default(''),
      timeoutMinutes: z.int().min(1).max(43_200).default(43_200),
    })
    .optional(),
  businessHours: z
    .strictObject({
      zone: name,
      days: z.array(z.enum(DAYS)).min(1),
      from: clock,
      to: clock,
      timeoutMinutes: z.int().min(1).max(43_200).default(1440),
    })
    .optional(),
  pipelines: z.array(name).default([]),
};

const connection = z.strictObject({
  name,
  description: z.string().default(''),
  subscription: z.strictObject({ id: uuid, name }),
  /** Client id of the managed identity or application that trusts this connection's tokens. */
  clientId: uuid,
  /** An environment of this file whose lock, approvals and hours guard the connection as well. */
  environment: name.optional(),
  pipelines: z.array(name).default([]),
});

const variables = z.record(z.string().min(1), z.string());
const group = z.strictObject({
  name,
  description: z.string().default(''),
  variables: variables.optional(),
  keyVault: z.strictObject({ vault: name, connection: name, secrets: z.array(name).min(1) }).optional(),
  environment: name.optional(),
  pipelines: z.array(name).default([]),
});

const environment = z.strictObject({ name, description: z.string().default(''), ...guards });

export const descriptionSchema = z.strictObject({
  version: z.literal(1),
  /** https://dev.azure.com/<organisation> */
  organisation: z.url(),
  project: name,
  tenant: uuid,
  cloud: z.enum(['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud']).default('AzureCloud'),
  /** Pipelines' settings of the project; false is the safe answer of each. */
  settings: z
    .strictObject({
      buildsFromForks: z.boolean().default(false),
      secretsForForks: z.boolean().default(false),
      freeVariablesAtQueueTime: z.boolean().default(false),
      tokenBeyondProject: z.boolean().default(false),
    })
    .prefault({}),
  protection,
  connections: z.array(connection).default([]),
  variableGroups: z.array(group).default([]),
  environments: z.array(environment).default([]),
});

export type Description = z.infer<typeof descriptionSchema>;
export type Environment = Description['environments'][number];
