/** List, then watch from there, and again after whatever ends the watch (timeout, 410 Gone, a restarted API server). */
import { createInterface } from 'node:readline';
import type { KubeApi } from '../control-plane/kube-api.ts';
import { waitFor } from './wait.ts';

export interface Watched {
  readonly metadata?: { readonly uid?: string };
}

export interface Watcher<T> {
  /** The object as it is now. After a gap, objects arrive again unchanged. */
  seen(object: T): void;
  gone(object: T): void;
  /** The connection failed; it is tried again. */
  interrupted?(error: Error): void;
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly metadata?: { readonly resourceVersion?: string }; readonly message?: string };
}

const RETRY_MS = 200;
/** The server ends a watch after this; a silent connection cannot be lost for longer. */
const WATCH_SECONDS = 240;

/** Runs until the signal fires. `path` may carry a query with selectors. Resolves `listed` after the first list. */
export function follow<T extends Watched>(
  api: KubeApi,
  path: string,
  watcher: Watcher<T>,
  signal: AbortSignal,
): { readonly listed: Promise<void>; readonly ended: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const known = new Map<string, T>();
  const ended = (async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const version = await list(api, path, known, watcher);
        first.resolve();
        await watch(api, path, version, known, watcher, signal);
      } catch (error) {
        if (signal.aborted) break;
        watcher.interrupted?.(error as Error);
        await waitFor(RETRY_MS, signal).catch(() => undefined);
      }
    }
    first.resolve();
  })();
  return { listed: first.promise, ended };
}

async function list<T extends Watched>(
  api: KubeApi,
  path: string,
  known: Map<string, T>,
  watcher: Watcher<T>,
): Promise<string> {
  const answer = await api.get<{ items: T[]; metadata: { resourceVersion: string } }>(path);
  const present = new Set(answer.items.map(uidOf));
  for (const [uid, object] of known) {
    if (present.has(uid)) continue;
    known.delete(uid);
    watcher.gone(object);
  }
  for (const object of answer.items) {
    known.set(uidOf(object), object);
    watcher.seen(object);
  }
  return answer.metadata.resourceVersion;
}

/** Resolves when the server ended the watch in order, rejects otherwise. */
async function watch<T extends Watched>(
  api: KubeApi,
  path: string,
  resourceVersion: string,
  known: Map<string, T>,
  watcher: Watcher<T>,
  signal: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(WATCH_SECONDS),
    resourceVersion,
  });
  const stream = await api.stream(`${path}${path.includes('?') ? '&' : '?'}${query}`, signal);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      handle(JSON.parse(line) as WatchEvent<T>, known, watcher);
    }
  } finally {
    stream.destroy();
  }
}

function handle<T extends Watched>({ type, object }: WatchEvent<T>, known: Map<string, T>, watcher: Watcher<T>): void {
  if (type === 'ERROR') throw new Error(object.message ?? 'the watch was ended');
  if (type === 'BOOKMARK') return;
  if (type === 'DELETED') {
    known.delete(uidOf(object));
    watcher.gone(object);
    return;
  }
  known.set(uidOf(object), object);
  watcher.seen(object);
}

function uidOf(object: Watched): string {
  return object.metadata?.uid ?? '';
}
