/** Copies by digest into the zone's registry, each asked for exactly once, however often the worker dies on the way. */
import { type Digest, shortDigest } from '../src/domain/digest.ts';
import type { ErrorCode } from '../src/domain/error-code.ts';
import type { ImportRequest, RegistryImporter } from '../src/ports/registry-importer.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { Attempt } from './beating.ts';
import { taggedDigest, type Zone } from './zone.ts';

/** Operations by digest: the ticket of one that is under way, "asked" when the registry's answer was not seen any more, "done" when it has ended well. */
export type Imports = Readonly<Record<string, Operation>>;
type Operation =
  { readonly ticket: string } | { readonly asked: true } | { readonly done: true; readonly operation?: string };

export interface Copied {
  readonly digest: Digest;
  /** `there`: nothing had to be asked for. */
  readonly effect: 'there' | 'imported';
  /** What the registry calls the operation; undefined where there was none, or its answer was lost with a worker. */
  readonly operation?: string;
}

/** How often and how long a target is watched for a copy that was asked for, but whose ticket was lost with the worker. */
const LOST_TICKET_LOOKS = 20;
const LOST_TICKET_EVERY_MS = 500;
const ARRIVED = 'arrived';

/** After these the operation is over: the next attempt asks anew instead of waiting for it. */
const OVER: readonly ErrorCode[] = ['import-failed', 'import-stuck'];

/** A registry waits with each for as long as with one: at Azure ten seconds, at least. */
const COPIES_AT_ONCE = 32;

/**
 * All of them, some at a time. Copies of one digest go one after another: the second finds what the first has brought.
 * A failure waits until the others have ended, so that nothing goes on behind the step's back; the next attempt finds those.
 * `there`: what the target was seen to have. What it was not seen to have is asked for without another look: bringing twice is bringing once.
 */
export async function ensureCopies(
  zone: Zone,
  wanted: readonly ImportRequest[],
  attempt: Attempt<Imports>,
  there?: ReadonlySet<Digest>,
): Promise<readonly Copied[]> {
  const copied: Copied[] = [];
  for (const turn of turnsOf(wanted)) {
    const failures: unknown[] = [];
    for (let at = 0; at < turn.length; at += COPIES_AT_ONCE)
      for (const one of await copyTogether(zone, turn.slice(at, at + COPIES_AT_ONCE), attempt, there))
        if (one.status === 'fulfilled') copied.push(one.value);
        else failures.push(one.reason);
    // what no attempt can mend must not hide behind what one can
    if (failures.length > 0) throw failures.find(isFinal) ?? failures[0];
  }
  return copied;
}

/** The first copy of each digest, then the second where there is one, and so on. */
function turnsOf(wanted: readonly ImportRequest[]): readonly (readonly ImportRequest[])[] {
  const ofOneDigest = [...Map.groupBy(wanted, ({ digest }) => digest).values()];
  const most = Math.max(0, ...ofOneDigest.map(({ length }) => length));
  return Array.from({ length: most }, (_, turn) => ofOneDigest.flatMap((copies) => copies[turn] ?? []));
}

/** Those that are asked for together end together: while the first is under way, nobody asks how the others are. */
async function copyTogether(
  zone: Zone,
  wanted: readonly ImportRequest[],
  attempt: Attempt<Imports>,
  there: ReadonlySet<Digest> | undefined,
): Promise<readonly PromiseSettledResult<Copied>[]> {
  const begun = await Promise.allSettled(wanted.map((one) => beginCopy(zone, one, attempt, there)));
  const [first, ...others] = begun.flatMap((one) =>
    one.status === 'fulfilled' && isBegun(one.value) ? one.value : [],
  );
  const end = (one: Begun) => endCopy(zone, one, attempt);
  const ended = [
    ...(await Promise.allSettled(first === undefined ? [] : [end(first)])),
    ...(await Promise.allSettled(others.map(end))),
  ];
  const settled = begun.filter(
    (one): one is PromiseSettledResult<Copied> => one.status === 'rejected' || !isBegun(one.value),
  );
  return [...settled, ...ended];
}

function isFinal(error: unknown): boolean {
  return error instanceof PortError && error.retry === 'no';
}

/** Looks, asks for the copy only if it is missing, waits for it, looks again. */
export async function ensureCopy(zone: Zone, wanted: ImportRequest, attempt: Attempt<Imports>): Promise<Copied> {
  const begun = await beginCopy(zone, wanted, attempt);
  return isBegun(begun) ? endCopy(zone, begun, attempt) : begun;
}

/** A copy that was asked for. */
interface Begun {
  readonly wanted: ImportRequest;
  readonly ticket: string;
}

function isBegun(one: Begun | Copied): one is Begun {
  return 'ticket' in one;
}

async function beginCopy(
  zone: Zone,
  wanted: ImportRequest,
  attempt: Attempt<Imports>,
  there?: ReadonlySet<Digest>,
): Promise<Begun | Copied> {
  const { registry, importer } = zone.ports;
  const known = attempt.saved()?.[wanted.digest];
  const isNew = there !== undefined && !there.has(wanted.digest) && wanted.tag === undefined && known === undefined;
  if (!isNew && (await isComplete(registry, wanted))) return alreadyThere(importer, wanted.digest, known);
  return forgettingWhatIsOver(wanted, attempt, async () => {
    const ticket = (await knownTicket(registry, wanted, attempt)) ?? (await ask(zone, wanted, attempt));
    return { wanted, ticket };
  });
}

async function endCopy(zone: Zone, { wanted, ticket }: Begun, attempt: Attempt<Imports>): Promise<Copied> {
  const { registry, importer } = zone.ports;
  const { digest } = wanted;
  return forgettingWhatIsOver(wanted, attempt, async () => {
    if (ticket !== ARRIVED) await importer.finish(ticket, attempt.signal);
    await mustHold(registry, wanted.repository, digest);
    const named = ticket === ARRIVED ? {} : operationOf(importer, ticket);
    remember(attempt, digest, { done: true, ...named });
    return { digest, effect: 'imported', ...named };
  });
}

/** It was so before this step, or an earlier attempt has asked for it. */
function alreadyThere(importer: RegistryImporter, digest: Digest, known: Operation | undefined): Copied {
  if (known === undefined) return { digest, effect: 'there' };
  if ('ticket' in known) return { digest, effect: 'imported', ...operationOf(importer, known.ticket) };
  const operation = 'done' in known ? known.operation : undefined;
  return { digest, effect: 'imported', ...(operation === undefined ? {} : { operation }) };
}

function operationOf(importer: RegistryImporter, ticket: string): Pick<Copied, 'operation'> {
  const operation = importer.operationOf(ticket);
  return operation === undefined ? {} : { operation };
}

async function forgettingWhatIsOver<Result>(
  { digest }: ImportRequest,
  attempt: Attempt<Imports>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PortError && OVER.includes(error.code)) remember(attempt, digest, undefined);
    throw error;
  }
}

async function ask(zone: Zone, wanted: ImportRequest, attempt: Attempt<Imports>): Promise<string> {
  remember(attempt, wanted.digest, { asked: true });
  const ticket = await zone.ports.importer.begin(wanted, attempt.signal);
  remember(attempt, wanted.digest, { ticket });
  return ticket;
}

function remember(attempt: Attempt<Imports>, digest: Digest, state: Operation | undefined): void {
  const { [digest]: _, ...others } = attempt.saved() ?? {};
  attempt.save(state === undefined ? others : { ...others, [digest]: state });
}

async function knownTicket(
  registry: RegistryReader,
  wanted: ImportRequest,
  attempt: Attempt<Imports>,
): Promise<string | undefined> {
  const known = attempt.saved()?.[wanted.digest];
  if (known === undefined) return undefined;
  if ('ticket' in known) return known.ticket;
  if ('done' in known) return undefined;
  for (let look = 0; look < LOST_TICKET_LOOKS && !attempt.signal.aborted; look += 1) {
    if (await isComplete(registry, wanted)) return ARRIVED;
    await new Promise((resolve) => setTimeout(resolve, LOST_TICKET_EVERY_MS));
  }
  return undefined;
}

async function isComplete(registry: RegistryReader, wanted: ImportRequest): Promise<boolean> {
  if ((await registry.manifest(wanted.repository, wanted.digest)) === undefined) return false;
  if (wanted.tag === undefined) return true;
  const tagged = await taggedDigest(registry, wanted.repository, wanted.tag);
  if (tagged === undefined || tagged === wanted.digest) return tagged !== undefined;
  throw new PortError('tag-conflict', `tag ${wanted.tag} in ${registry.host} means another image`, {
    retry: 'no',
    expected: wanted.digest,
    got: tagged,
    remedy: 'release this image under a version of its own; Sluice never moves a tag',
  });
}

/** A registry may call a failed import a success: what counts is what it serves. */
async function mustHold(registry: RegistryReader, repository: string, digest: Digest): Promise<void> {
  if ((await registry.manifest(repository, digest)) !== undefined) return;
  throw new PortError(
    'import-failed',
    `${registry.host} said that the import succeeded, but serves no ${repository}@${shortDigest(digest)}`,
    {
      retry: 'yes',
      expected: digest,
      got: 'no manifest',
      remedy: 'the import is tried again; look at the activity log of the target registry',
    },
  );
}
