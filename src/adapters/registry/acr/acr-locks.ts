/** ImageLocks on ACR's `changeableAttributes` (data plane, api-version 2021-07-01). */
import type { ImageLocks, LockState, LockSubject } from '../../../ports/image-locks.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { AttributeClients } from './attribute-clients.ts';
import { referencePart } from './oci-client.ts';

interface Attributes {
  readonly canDelete?: boolean | undefined;
  readonly canWrite?: boolean | undefined;
}

export function locksOn(clients: AttributeClients): ImageLocks {
  return { read: (subject) => read(clients, subject), set: (subject, state) => set(clients, subject, state) };
}

async function read(clients: AttributeClients, subject: LockSubject): Promise<LockState | undefined> {
  const named = nameOf(subject, 'read attributes of');
  try {
    return stateOf(
      await clients.ask('read-attributes', named, (artefact, options): Promise<Attributes> =>
        'tag' in subject ? artefact.getTagProperties(subject.tag, options) : artefact.getManifestProperties(options),
      ),
    );
  } catch (thrown) {
    if (thrown instanceof PortError && thrown.code === 'manifest-unknown') return undefined;
    throw thrown;
  }
}

async function set(clients: AttributeClients, subject: LockSubject, state: LockState): Promise<void> {
  const named = nameOf(subject, 'set attributes of');
  const wanted = { canDelete: state.deletable, canWrite: state.writable };
  await clients.ask('write-attributes', named, (artefact, options): Promise<Attributes> =>
    'tag' in subject
      ? artefact.updateTagProperties(subject.tag, { ...wanted, ...options })
      : artefact.updateManifestProperties({ ...wanted, ...options }),
  );
}

function nameOf(subject: LockSubject, what: string): { repository: string; reference: string; what: string } {
  const reference = 'tag' in subject ? referencePart({ tag: subject.tag }) : subject.digest;
  return { repository: subject.repository, reference, what };
}

/** An attribute that the registry does not mention is not restricted. */
function stateOf(attributes: Attributes): LockState {
  return { deletable: attributes.canDelete ?? true, writable: attributes.canWrite ?? true };
}
