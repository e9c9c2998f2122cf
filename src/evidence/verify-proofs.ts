/** What each environment wants stated about an image (provenance, SBOM, vulnerabilities, predicates), judged again as at the moment in which it was let in. */
import type { KeptRelease } from './derived.ts';
import { type Finding, missing, proven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { registryPath } from './layout.ts';
import { momentOf } from './promotion-run.ts';
import type { EvidenceTrust } from './trust.ts';
import { nameOf } from './verify-release.ts';
import { registryFor } from './verify-signatures.ts';

export async function verifyProofs(
  { promotions }: KeptRelease,
  registries: ReadonlyMap<string, KeptRegistry>,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const released = promotions.filter(({ run }) => run.outcome?.kind === 'released' && run.input.rollback === undefined);
  const found = await Promise.all(
    released.map(async (kept): Promise<readonly Finding[]> => {
      const { environment, run } = kept;
      const registry = registryFor(environment, registries);
      const details = { where: registryPath(environment), environment };
      // that nothing of it is here is said of its content
      if (registry === undefined) return [];
      const { reader, image } = registry;
      try {
        const verdicts = await trust.judge(environment, { registry: reader, image, at: momentOf(run) });
        return verdicts.map(({ rule, answer, reason }) => {
          const about = `${nameOf(kept)}: ${rule}`;
          if (answer === 'no') return missing('proof', about, reason, details);
          return proven('proof', `${about}: ${reason}`, details);
        });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return [wrong('proof', `what ${environment} wants stated about the image`, why, details)];
      }
    }),
  );
  return found.flat();
}
