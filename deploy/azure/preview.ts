/** What the program would make, seen without Azure: Pulumi's own mocks record each resource with its inputs. */
import * as pulumi from '@pulumi/pulumi';
import { buildEstate, type Outputs } from './estate.ts';
import type { Parameters } from './parameters/shape.ts';

export interface Made {
  /** Pulumi's type token, such as `azure-native:keyvault:Vault`. */
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Input → `type::name` of the resources that its value comes from. */
  readonly from: Readonly<Record<string, readonly string[]>>;
}

export interface Preview {
  readonly resources: readonly Made[];
  readonly outputs: unknown;
}

/** What a lookup answers; undefined: a cluster on which all is as it has to be. */
export type Lookup = (token: string, inputs: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

const SUBSCRIPTION = /^subscription-(.+)$/;

/** One at a time: Pulumi's runtime is the process's own. Throws what the program throws. */
export async function preview(parameters: Parameters, lookup: Lookup = readyCluster): Promise<Preview> {
  const resources: Made[] = [];
  const byId = new Map<unknown, string>();
  await pulumi.runtime.setMocks({
    newResource({ type, name, inputs, provider }) {
      const made = { type, name, inputs: inputs as Record<string, unknown>, from: sourcesOf(inputs as object, byId) };
      if (type !== 'pulumi:providers:azure-native') resources.push(made);
      const id = idOf(made, provider ?? '');
      byId.set(id, `${type}::${name}`);
      return { id, state: stateOf(made) };
    },
    call: ({ token, inputs }) => lookup(token, inputs as Record<string, unknown>),
  });
  const outputs = await settled(buildEstate(parameters));
  return { resources, outputs };
}

/** Mocks are not told what an input comes from, but here every id is known: whose id it is, that is where it comes from. */
function sourcesOf(inputs: object, byId: ReadonlyMap<unknown, string>): Made['from'] {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([property, value]) => {
      const source = byId.get(value);
      return source === undefined ? [] : [[property, [source]]];
    }),
  );
}

async function settled(outputs: Outputs): Promise<unknown> {
  const all = pulumi.output(outputs);
  // resources register in the background: outputs of some do not wait for all
  await pulumi.runtime.disconnect();
  return new Promise((resolve) => all.apply(resolve));
}

/** As the resource manager would spell it, so that scopes can be compared. */
function idOf({ type, name, inputs }: Made, provider: string): string {
  const own =
    inputs['resourceName'] ?? inputs['vaultName'] ?? inputs['workspaceName'] ?? inputs['resourceGroupName'] ?? name;
  const subscription = SUBSCRIPTION.exec(provider.split('::').at(-2) ?? '')?.[1] ?? 'subscription';
  if (type.endsWith(':RoleDefinition'))
    return `/providers/Microsoft.Authorization/roleDefinitions/${String(inputs['roleDefinitionId'])}`;
  if (type.endsWith(':ResourceGroup')) return `/subscriptions/${subscription}/resourceGroups/${String(own)}`;
  const named = type.endsWith(':Key')
    ? `${String(inputs['vaultName'])}/keys/${String(inputs['keyName'])}`
    : String(own);
  return `/subscriptions/${subscription}/resourceGroups/${String(inputs['resourceGroupName'] ?? '')}/${type.split(':').slice(1).join('/')}/${named}`;
}

function stateOf({ type, name, inputs }: Made): Record<string, unknown> {
  const named =
    inputs['resourceName'] ??
    inputs['vaultName'] ??
    inputs['privateEndpointName'] ??
    inputs['privateZoneName'] ??
    inputs['resourceGroupName'] ??
    name;
  const known = type.endsWith(':UserAssignedIdentity')
    ? { clientId: `client-of-${name}`, principalId: `principal-of-${name}` }
    : {};
  const key = type.endsWith(':Key')
    ? { keyUriWithVersion: `https://${String(inputs['vaultName'])}.vault/keys/${String(inputs['keyName'])}/1` }
    : {};
  return { ...inputs, name: named, ...known, ...key };
}

/** A cluster as `README.md` asks for it. */
export function readyCluster(
  _token: string,
  { resourceName, resourceGroupName }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    id: `/subscriptions/subscription/resourceGroups/${String(resourceGroupName)}/providers/Microsoft.ContainerService/managedClusters/${String(resourceName)}`,
    identityProfile: { kubeletidentity: { objectId: `kubelet-of-${String(resourceName)}` } },
    oidcIssuerProfile: { enabled: true, issuerURL: `https://issuer.example.test/${String(resourceName)}/` },
    securityProfile: { workloadIdentity: { enabled: true } },
    aadProfile: { managed: true, enableAzureRBAC: true },
    disableLocalAccounts: true,
    addonProfiles: { azurepolicy: { enabled: true } },
  };
}
