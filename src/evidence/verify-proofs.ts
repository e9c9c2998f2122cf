/** What each environment wants stated about an image (provenance, SBOM, vulnerabilities, predicates), and by whom its manifests are signed, judged again as at the moment in which it was let in. */
import { isDigest } from '../domain/digest.ts';
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
  const released = promotions.filter(({ run }) => run.outcome?.kind === 'released');
  const found = await Promise.all(
    released.map(async (kept): Promise<readonly Finding[]> => {
      const { environment, run, number } = kept;
      const registry = registryFor(environment, registries);
      const details = { where: registryPath(environment), environment };
      const manifests = run.plan?.manifests ?? '';
      // that nothing of it is here is said of its content, and that there is no plan of the plan
      if (registry === undefined || !isDigest(manifests)) return [];
      const { reader, image } = registry;
      try {
        const asked = { registry: reader, image, manifests, isRollback: number > 1, at: momentOf(run) };
        const verdicts = await trust.judge(environment, asked);
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
