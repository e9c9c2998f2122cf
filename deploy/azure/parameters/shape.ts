/** The shape of a parameter file. Names follow Azure's own rules ("Naming rules and restrictions for Azure resources"). */
import { z } from 'zod';
import { CLOUDS } from './clouds.ts';

const says = (expected: string) => ({
  error: (issue: { input?: unknown }) =>
    issue.input === undefined ? 'is missing' : `expected ${expected}, got ${JSON.stringify(issue.input)}`,
});
const text = (pattern: RegExp, expected: string) => z.string(says(expected)).regex(pattern, says(expected));

const guid = text(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'a GUID such as 0b1f6471-1bf0-4dda-aec3-cb9272f09590',
);
const resourceId = text(
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/.+[^/]$/i,
  'a resource id such as /subscriptions/…/resourceGroups/…/providers/…',
);
const resourceGroup = text(
  /^[-\w.()]{1,89}[-\w()]$/,
  'a resource group name: letters, digits, - _ . ( ), at most 90, no dot at the end',
);
const registryName = text(/^[a-z0-9]{5,50}$/, 'a registry name: 5 to 50 lower-case letters and digits');
const vaultName = text(
  /^(?=.{3,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  'a vault name: 3 to 24 lower-case letters, digits and single hyphens, a letter first',
);
const label = text(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  'a Kubernetes name: lower-case letters, digits and hyphens, at most 63',
);
const region = text(/^[a-z0-9]+$/, 'a region in its short form, such as eastus2');
const days = (least: number, most: number) =>
  z
    .int(says(`whole days from ${least} to ${most}`))
    .min(least, says(`at least ${least}`))
    .max(most, says(`at most ${most}`));
const addresses = z.array(
  text(/^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/, 'an IPv4 address or range such as 203.0.113.0/24'),
);

const registry = z.strictObject({
  name: registryName,
  /** Needs a region with availability zones. */
  zoneRedundant: z.boolean().default(true),
  /** Addresses from which it can be reached over the public network; none: only over its private endpoint. */
  publicFrom: addresses.default([]),
  /** Days after which a manifest without tag is deleted; 0: never, since signatures and packed manifests have no tag of their own. */
  untaggedKeptDays: days(0, 365).default(0),
});

const cluster = z.strictObject({
  name: text(/^[a-zA-Z0-9]([-\w]{0,61}[a-zA-Z0-9])?$/, 'the name of an AKS cluster'),
  resourceGroup,
  /** Where services of Sluice run: the only namespaces that its worker may change. */
  namespaces: z.array(label).min(1, 'name the namespaces of your services'),
  /** The service account of the zone's worker; `deploy/kubernetes` makes it. */
  worker: z.strictObject({ namespace: label, serviceAccount: label.default('worker') }),
});

const environment = z.strictObject({
  subscription: guid,
  resourceGroup,
  location: region.optional(),
  registry,
  cluster,
});

/** Issuer and subject stand on the service connection; connections in the public cloud have the issuer Entra ID since 2025. */
export const ENTRA_SUBJECT =
  /^\/eid1\/c\/pub\/t\/([\w-]{22})\/a\/rISbSSETf0KqFyZ8ppdXmA\/sc\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Before the service connection is there: it is made with the identity's client id, and its subject is known only then. */
export const NONE_YET = 'none-yet';

const azurePipelines = z.strictObject({
  /** Only with a subject that begins with `sc://`: their issuer is the organisation itself. */
  organisation: guid.optional(),
  subject: text(
    new RegExp(`^${NONE_YET}$|${ENTRA_SUBJECT.source}|^sc:\\/\\/[^/*]+\\/[^/*]+\\/[^/*]+$`),
    '/eid1/c/pub/t/…/a/…/sc/<organisation>/<service connection> or sc://<organisation>/<project>/<service connection>, as the service connection shows it; none-yet before it is made',
  ),
});
const github = z.strictObject({
  /** `repo:<owner>/<name>:environment:<environment>` or `…:ref:refs/heads/<branch>`: never a pull request. */
  subject: text(
    /^repo:[^/:*]+\/[^/:*]+:(environment:[^:*]+|ref:refs\/heads\/[^:*]+)$/,
    'repo:<owner>/<name>:environment:<environment> or repo:<owner>/<name>:ref:refs/heads/<branch>, no pull request, no wildcard',
  ),
});

export const shape = z.strictObject({
  cloud: z
    .enum(Object.keys(CLOUDS) as [keyof typeof CLOUDS], says(`one of ${Object.keys(CLOUDS).join(', ')}`))
    .default('public'),
  tenant: guid,
  location: region,
  /** Begins the names of what has none of its own here. */
  prefix: text(/^[a-z][a-z0-9-]{1,19}$/, 'lower-case letters, digits and hyphens, at most 20'),
  path: z.array(label).min(1, 'name the environments in the order of the journey'),
  shared: z.strictObject({
    subscription: guid,
    resourceGroup,
    vault: vaultName,
    logs: z.strictObject({
      workspace: text(
        /^[A-Za-z0-9][-A-Za-z0-9]{2,61}[A-Za-z0-9]$/,
        'a workspace name: 4 to 63 letters, digits and hyphens',
      ),
      keptDays: days(30, 730).default(90),
    }),
  }),
  network: z.strictObject({ virtualNetwork: resourceId, endpointSubnet: resourceId }),
  keys: z.strictObject({ rotateAfterDays: days(28, 730).default(365) }).default({ rotateAfterDays: 365 }),
  environments: z.record(label, environment),
  build: z.strictObject({ azurePipelines: azurePipelines.optional(), github: github.optional() }),
  /** Groups of the directory, by object id. */
  people: z.strictObject({ approvers: guid, auditors: guid, breakGlass: guid }),
  /** Who hears of alerts: an action group that exists. */
  actionGroup: resourceId,
  tags: z.record(z.string(), z.string()).default({}),
});

export type Parameters = z.output<typeof shape>;
export type EnvironmentParameters = Parameters['environments'][string];
