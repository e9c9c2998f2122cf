/** Taking a copy out of a registry again. Removing what is not there is success. */
import type { Digest } from '../domain/digest.ts';

export interface RegistryRemover {
  /** Removes the tag only if it still means `digest`; resolves to whether the registry has no such tag afterwards. */
  untag(repository: string, tag: string, digest: Digest): Promise<boolean>;
  /** Deletes the manifest with all its tags. Throws `image-locked`. */
  deleteManifest(repository: string, digest: Digest): Promise<void>;
}
