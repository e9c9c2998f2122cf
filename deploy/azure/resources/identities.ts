/** Identities without a secret: each can be assumed only by the subject that its federation names, with a token that lasts minutes. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import { NONE_YET } from '../parameters/shape.ts';
import type { Ground, Place } from './ground.ts';
import type { Within } from './logs.ts';

export interface Identity {
  readonly clientId: pulumi.Output<string>;
  readonly principalId: pulumi.Output<string>;
}

interface Federation {
  readonly name: string;
  readonly issuer: pulumi.Input<string>;
  readonly subject: string;
}

/** Of a pipeline's token: Entra ID; the organisation in other clouds, and in the public one until July 2027 ("Convert service connections to the Microsoft Entra issuer"). */
const ENTRA = 'https://login.microsoftonline.com';
const AZURE_PIPELINES = 'https://vstoken.dev.azure.com';
const GITHUB = 'https://token.actions.githubusercontent.com';

/** Whoever builds: pushes to the first registry and signs, and nothing else. */
export function buildIdentity(ground: Ground, group: azure.resources.ResourceGroup): Identity {
  const { build, tenant } = ground.parameters;
  const { azurePipelines, github } = build;
  const federations = [
    ...(azurePipelines === undefined || azurePipelines.subject === NONE_YET
      ? []
      : [
          {
            name: 'azure-pipelines',
            issuer: azurePipelines.subject.startsWith('sc://')
              ? `${AZURE_PIPELINES}/${azurePipelines.organisation}`
              : `${ENTRA}/${tenant}/v2.0`,
            subject: azurePipelines.subject,
          },
        ]),
    ...(github === undefined ? [] : [{ name: 'github', issuer: GITHUB, subject: github.subject }]),
  ];
  return makeIdentity(ground, 'build', group, ground.within(ground.parameters.shared.subscription), federations);
}

/** The worker of one environment's zone: the pods of one service account in its cluster. */
export function workerIdentity(ground: Ground, { name, its, group }: Place, issuer: pulumi.Output<string>): Identity {
  const { namespace, serviceAccount } = its.cluster.worker;
  const subject = `system:serviceaccount:${namespace}:${serviceAccount}`;
  return makeIdentity(ground, `worker-${name}`, group, ground.within(its.subscription), [
    { name: 'kubernetes', issuer, subject },
  ]);
}

function makeIdentity(
  { parameters, cloud }: Ground,
  name: string,
  group: azure.resources.ResourceGroup,
  within: Within,
  federations: readonly Federation[],
): Identity {
  const identity = new azure.managedidentity.UserAssignedIdentity(
    `identity-${name}`,
    {
      resourceName: `${parameters.prefix}-${name}`,
      resourceGroupName: group.name,
      location: group.location,
      tags: parameters.tags,
    },
    within,
  );
  for (const { name: federation, issuer, subject } of federations) {
    new azure.managedidentity.FederatedIdentityCredential(
      `federation-${name}-${federation}`,
      {
        federatedIdentityCredentialResourceName: federation,
        resourceName: identity.name,
        resourceGroupName: group.name,
        issuer,
        subject,
        audiences: [cloud.audience],
      },
      within,
    );
  }
  return { clientId: identity.clientId, principalId: identity.principalId };
}
