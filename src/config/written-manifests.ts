/** The written form of what an environment takes of manifests. */
import { z } from 'zod';

export const writtenManifests = z
  .strictObject({
    kinds: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .describe(
        "Kinds that may be applied: Deployment, or Rollout.argoproj.io outside of Kubernetes' own groups (default: every kind that lives in a namespace).",
      )
      .optional(),
    images: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .describe(
        'Images beside the released one, always pinned by digest: registry/repository, registry/repository@sha256:…, or registry/path/* (default: none).',
      )
      .optional(),
  })
  .describe('What this environment takes of manifests; docs/manifests.md.');
