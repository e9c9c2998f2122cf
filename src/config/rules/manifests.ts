/** Lists of what an environment takes of manifests: entries that mean something, and room for what its services need. */
import { isClusterScopedName, isKindName } from '../../domain/kinds.ts';
import { badImageEntry } from '../../domain/manifest-rules.ts';
import { type Draft, type Finding, environmentsOf, servicesOf } from './rule.ts';

export function manifestKindsAreKinds(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { manifests }]) =>
    (manifests?.kinds ?? []).flatMap((kind, index) => {
      const path = ['environments', name, 'manifests', 'kinds', index];
      if (kind === undefined) return [];
      if (!isKindName(kind)) {
        const remedy = "write Deployment, or Rollout.argoproj.io for a kind outside of Kubernetes' own groups";
        return [{ path, message: `"${kind}" is no kind`, remedy }];
      }
      if (!isClusterScopedName(kind)) return [];
      const message = `${kind} belongs to the whole cluster, and is never a service's to release`;
      return [{ path, message, remedy: 'remove it; whoever runs the cluster creates it' }];
    }),
  );
}

/** Otherwise nothing could be released there any more. */
export function manifestKindsHoldTheWorkloads(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { manifests }]) => {
    const kinds = manifests?.kinds;
    if (kinds === undefined) return [];
    const listed = kinds.map((kind) => kind?.toLowerCase());
    return servicesOf(draft)
      .filter(([, { path }]) => (path ?? draft.path ?? []).includes(name))
      .flatMap(([service, { workloads = [`deployment/${service}`] }]) =>
        workloads
          .flatMap((one) => one?.split('/')[0] ?? [])
          .filter((kind) => !listed.includes(kind))
          .map((kind) => ({
            path: ['environments', name, 'manifests', 'kinds'],
            message: `"${service}" comes here and has a workload of a kind that is not listed: ${kind}`,
            remedy: 'add the kind, or take the environment from the path of the service',
          })),
      );
  });
}

export function manifestImagesAreImages(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { manifests }]) =>
    (manifests?.images ?? []).flatMap((image, index) => {
      const why = image === undefined ? undefined : badImageEntry(image);
      if (why === undefined) return [];
      return [
        {
          path: ['environments', name, 'manifests', 'images', index],
          message: `"${image}" cannot be on the list: ${why}`,
          remedy: 'write registry/repository, registry/repository@sha256:…, or registry/path/* for all below it',
        },
      ];
    }),
  );
}
