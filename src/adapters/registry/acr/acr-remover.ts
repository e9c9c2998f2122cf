/** RegistryRemover on ACR's data plane: DELETE of a tag only untags, DELETE of a manifest takes its tags along. */
import { type Digest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryRemover } from '../../../ports/registry-remover.ts';
import type { AttributeClients } from './attribute-clients.ts';
import { referencePart } from './oci-client.ts';

export function removerOn(clients: AttributeClients): RegistryRemover {
  return {
    untag: (repository, tag, digest) => untag(clients, repository, tag, digest),
    deleteManifest: (repository, digest) => deleteManifest(clients, repository, digest),
  };
}

/** Look, act, look again: the registry has no "untag if", so a tag moved in between would be lost; the look narrows that to milliseconds. */
async function untag(clients: AttributeClients, repository: string, tag: string, digest: Digest): Promise<boolean> {
  const meaning = await meaningOf(clients, repository, tag);
  if (meaning === undefined) return true;
  if (meaning !== digest) return false;
  const subject = { repository, reference: referencePart({ tag }), what: 'untag' };
  await clients.ask('delete', subject, (artefact, options) => artefact.deleteTag(tag, options));
  return (await meaningOf(clients, repository, tag)) === undefined;
}

async function deleteManifest(clients: AttributeClients, repository: string, digest: Digest): Promise<void> {
  const subject = { repository, reference: digest, what: 'delete manifest' };
  await clients.ask('delete', subject, (artefact, options) => artefact.delete(options));
}

async function meaningOf(clients: AttributeClients, repository: string, tag: string): Promise<string | undefined> {
  const subject = { repository, reference: referencePart({ tag }), what: 'read tag' };
  try {
    const found = await clients.ask('read-attributes', subject, (artefact, options) =>
      artefact.getTagProperties(tag, options),
    );
    return found.digest;
  } catch (thrown) {
    if (thrown instanceof PortError && thrown.code === 'manifest-unknown') return undefined;
    throw thrown;
  }
}
