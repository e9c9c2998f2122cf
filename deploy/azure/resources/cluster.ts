/** A cluster that is there already: what has to be known of it, and what has to be on before a worker can run in it. */
import * as azure from '@pulumi/azure-native';
import * as pulumi from '@pulumi/pulumi';
import type { Ground, Place } from './ground.ts';

export interface Cluster {
  readonly id: pulumi.Output<string>;
  /** Object id of the identity by which its nodes pull. */
  readonly kubelet: pulumi.Output<string>;
  /** Of the tokens of its service accounts. */
  readonly issuer: pulumi.Output<string>;
}

export function lookAtCluster(ground: Ground, { name, its }: Place): Cluster {
  const { cluster, subscription } = its;
  const found = azure.containerservice.getManagedClusterOutput(
    { resourceName: cluster.name, resourceGroupName: cluster.resourceGroup },
    ground.within(subscription),
  );
  const about = `environments.${name}.cluster: ${cluster.name}`;
  return {
    // all that is missing at once, before a right is given
    id: found.apply((one) => {
      const problems = missingIn(one);
      if (problems.length > 0)
        throw new pulumi.RunError(
          `${about} is not ready for Sluice\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
        );
      return one.id;
    }),
    kubelet: found.apply((one) => one.identityProfile?.['kubeletidentity']?.objectId ?? ''),
    issuer: found.apply((one) => one.oidcIssuerProfile?.issuerURL ?? ''),
  };
}

type Found = pulumi.Unwrap<ReturnType<typeof azure.containerservice.getManagedClusterOutput>>;

export function missingIn({
  aadProfile,
  disableLocalAccounts,
  identityProfile,
  oidcIssuerProfile,
  securityProfile,
  addonProfiles,
}: Partial<Found>): readonly string[] {
  const unless = (isGood: unknown, says: string): readonly string[] => (isGood ? [] : [says]);
  return [
    ...unless(
      identityProfile?.['kubeletidentity']?.objectId,
      'its nodes have no managed identity; az aks update --enable-managed-identity',
    ),
    ...unless(
      oidcIssuerProfile?.issuerURL,
      'it issues no tokens for workload identity; az aks update --enable-oidc-issuer --enable-workload-identity',
    ),
    ...unless(
      securityProfile?.workloadIdentity?.enabled,
      'workload identity is off; az aks update --enable-workload-identity',
    ),
    ...unless(
      aadProfile?.enableAzureRBAC,
      'Azure RBAC for Kubernetes is off, so that no right inside can be given; az aks update --enable-aad --enable-azure-rbac',
    ),
    ...unless(
      disableLocalAccounts,
      'local accounts are on: a shared administrator certificate passes every rule; az aks update --disable-local-accounts',
    ),
    ...unless(
      addonProfiles?.['azurepolicy']?.enabled,
      'the Azure Policy add-on is off, so that nothing refuses an image without a digest; az aks enable-addons --addons azure-policy',
    ),
  ];
}
