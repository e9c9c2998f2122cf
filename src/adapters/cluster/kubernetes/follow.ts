/**
 * Following a collection: list, then watch from there, for as long as anybody listens. A dropped or silent connection is taken up again
 * where it ended; history that the server has forgotten (410) is listed anew. No polling.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PortError } from '../../../ports/port-error.ts';
import type { ApiClient } from './api-client.ts';
import type { Asked } from './api-answers.ts';
import type { ApiStatus, KubernetesObject, ObjectList } from './kubernetes-objects.ts';
import { jsonLines } from './json-lines.ts';

export interface Collection {
  readonly path: string;
  /** Label or field selector. */
  readonly query?: Readonly<Record<string, string>>;
  readonly asked: Omit<Asked, 'verb'>;
}

export interface Feed<T> {
  /** All there is now; what was there before and is not among them is gone. */
  replace(items: readonly T[]): void;
  change(kind: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** The connection is lost and being sought; then `found` or another `lost`. */
  lost(error: PortError): void;
  found(): void;
}

export interface FollowTiming {
  /** The server ends a watch after this long, so that a dead connection is noticed. Seconds. */
  readonly watchSeconds: number;
  /** Silence for so long beyond that end means that nobody is there. */
  readonly silenceMs: number;
  readonly backOffMs: readonly number[];
  /** How long a refusal counts as the hiccup of a server that is starting, once it has let us in. */
  readonly refusalGraceMs: number;
}

export const FOLLOW_TIMING: FollowTiming = {
  watchSeconds: 45,
  silenceMs: 5000,
  backOffMs: [0, 100, 250, 500, 1000, 2000],
  refusalGraceMs: 15_000,
};

const GONE = 410;
/** A watch that ends sooner than this without a word is no watch: the next one waits a little. */
const SOON_MS = 1000;

type WatchEvent = { readonly type: string; readonly object: KubernetesObject & ApiStatus };

/**
 * Resolves when `signal` is aborted. Rejects with what the first list throws, and later only with what trying again cannot mend.
 */
export async function follow<T extends KubernetesObject>(
  api: ApiClient,
  collection: Collection,
  feed: Feed<T>,
  signal: AbortSignal,
  timing: FollowTiming = FOLLOW_TIMING,
): Promise<void> {
  const cursor: Cursor = { version: undefined, listed: false, failures: 0, refusedSince: undefined };
  while (!signal.aborted) {
    try {
      if (cursor.version === undefined) await relist(api, collection, feed, cursor, signal);
      await watchOnce(api, collection, feed, cursor, signal, timing);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PortError) || !mayRecover(error, cursor, timing)) throw error;
      feed.lost(error);
      cursor.failures += 1;
      await pause(timing.backOffMs[Math.min(cursor.failures, timing.backOffMs.length) - 1] ?? 0, signal);
    }
  }
}

interface Cursor {
  /** Where to watch from; undefined: list first. */
  version: string | undefined;
  listed: boolean;
  /** Failures since the server last told us something. */
  failures: number;
  refusedSince: number | undefined;
}

function mayRecover(error: PortError, cursor: Cursor, timing: FollowTiming): boolean {
  if (!cursor.listed) return false;
  if (error.code !== 'cluster-unauthorized' && error.code !== 'cluster-forbidden') return error.retry !== 'no';
  cursor.refusedSince ??= Date.now();
  return Date.now() - cursor.refusedSince <= timing.refusalGraceMs;
}

async function relist<T>(
  api: ApiClient,
  collection: Collection,
  feed: Feed<T>,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<void> {
  const list = await listOf<T>(api, collection, signal);
  cursor.version = list.metadata.resourceVersion;
  cursor.listed = true;
  feed.replace(list.items);
}

async function listOf<T>(
  api: ApiClient,
  { path, query, asked }: Collection,
  signal: AbortSignal,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  let next = '';
  for (;;) {
    const page = { limit: '500', ...query, ...(next === '' ? {} : { continue: next }) };
    const { body } = await api.call({ method: 'GET', path, query: page, asked: { ...asked, verb: 'list' }, signal });
    const list = body as ObjectList<T>;
    items.push(...list.items);
    next = list.metadata.continue ?? '';
    if (next === '') return { metadata: list.metadata, items };
  }
}

/** One watch until it ends as agreed; rejects when it breaks, with the cursor at the last thing heard. */
async function watchOnce<T extends KubernetesObject>(
  api: ApiClient,
  { path, query, asked }: Collection,
  feed: Feed<T>,
  cursor: Cursor,
  signal: AbortSignal,
  timing: FollowTiming,
): Promise<void> {
  const watch = {
    ...query,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: cursor.version ?? '0',
    timeoutSeconds: String(timing.watchSeconds),
  };
  const request = { method: 'GET', path, query: watch, asked: { ...asked, verb: 'watch' }, signal } as const;
  const body = await api.stream(request, timing.watchSeconds * 1000 + timing.silenceMs);
  if (body === undefined) {
    cursor.version = undefined;
    return;
  }
  if (cursor.failures > 0) feed.found();
  const began = Date.now();
  try {
    for await (const line of jsonLines(body)) {
      hear(line as WatchEvent, feed, cursor);
      if (cursor.version === undefined) return;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof PortError ? error : dropped(error instanceof Error ? error.message : String(error));
  }
  const soon = Date.now() - began < SOON_MS;
  if (soon && cursor.failures > 0) throw dropped('the server ends it at once');
  cursor.failures = soon ? 1 : 0;
}

function hear<T extends KubernetesObject>({ type, object }: WatchEvent, feed: Feed<T>, cursor: Cursor): void {
  if (type === 'ERROR' && object.code === GONE) {
    cursor.version = undefined;
    return;
  }
  if (type === 'ERROR') throw dropped(object.message ?? 'the watch ended with an error');
  cursor.version = object.metadata.resourceVersion ?? cursor.version;
  cursor.failures = 0;
  cursor.refusedSince = undefined;
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') feed.change(type, object as unknown as T);
}

function dropped(why: string): PortError {
  return new PortError('cluster-unreachable', `the watch was dropped: ${why}`, { retry: 'yes' });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return;
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
