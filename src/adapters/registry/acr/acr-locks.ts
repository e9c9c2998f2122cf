/** ImageLocks on ACR's `changeableAttributes` (data plane, api-version 2021-07-01). */
import { type Digest, isDigest } from '../../../domain/digest.ts';
import type { ImageLocks, LockState, LockSubject } from '../../../ports/image-locks.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { AttributeClients } from './attribute-clients.ts';
import { referencePart } from './oci-client.ts';

interface Attributes {
  readonly canDelete?: boolean | undefined;
  readonly canWrite?: boolean | undefined;
}

export function locksOn(clients: AttributeClients): ImageLocks {
  return {
    read: (subject) => read(clients, subject),
    changedLast: (repository, count) => changedLast(clients, repository, count),
    set: (subject, state) => set(clients, subject, state),
  };
}

async function read(clients: AttributeClients, subject: LockSubject): Promise<LockState | undefined> {
  const named = nameOf(subject, 'read attributes of');
  const found = await unlessUnknown(
    clients.ask('read-attributes', named, (artefact, options): Promise<Attributes> =>
      'tag' in subject ? artefact.getTagProperties(subject.tag, options) : artefact.getManifestProperties(options),
    ),
  );
  return found && stateOf(found);
}

async function unlessUnknown<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof PortError && thrown.code === 'manifest-unknown') return undefined;
    throw thrown;
  }
}

async function changedLast(
  clients: AttributeClients,
  repository: string,
  count: number,
): Promise<ReadonlyMap<Digest, LockState>> {
  const listed = await unlessUnknown(
    clients.askRepository(repository, 'list attributes of', async (all, options) => {
      const order = 'LastUpdatedOnDescending';
      const pages = all.listManifestProperties({ order, ...options }).byPage({ maxPageSize: count });
      const first = await pages.next();
      return first.done === true ? [] : first.value;
    }),
  );
  const states = (listed ?? []).flatMap((one) => (isDigest(one.digest) ? [[one.digest, stateOf(one)] as const] : []));
  return new Map(states);
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
