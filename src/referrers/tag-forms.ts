/** Tags by which tools find what goes with a manifest where they do not ask for its referrers. */
import { type Digest, hexOf } from '../domain/digest.ts';

/** The list of referrers where a registry keeps none (distribution-spec 1.1, "Referrers Tag Schema"). */
export function referrersTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

/** All of them: the list, and the three that Cosign 2 writes. */
export function tagForms(digest: Digest): readonly string[] {
  const list = referrersTag(digest);
  return [list, `${list}.sig`, `${list}.att`, `${list}.sbom`];
}
