/** RegistryImporter in memory: a copy between two registries of one world, which goes on without its caller. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Digest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ImportRequest, RegistryImporter } from '../../../ports/registry-importer.ts';
import { saveState, type ImportEnd, type MemoryOperation } from './memory-state.ts';
import {
  ensureRepository,
  inWorld,
  log,
  type MemoryWorld,
  namedBy,
  repositoryAt,
  storeManifest,
  wrong,
} from './memory-world.ts';

export interface MemoryImportTiming {
  /** How long a copy takes. */
  readonly importMs: number;
  readonly importDeadlineMs: number;
}

export function memoryImporter(world: MemoryWorld, environment: string, timing: MemoryImportTiming): RegistryImporter {
  return {
    begin: (request, signal) => {
      const place = { environment, repository: request.repository };
      return inWorld(world, 'import', place, () => {
        signal.throwIfAborted();
        if (!(request.source in world.hosts)) throw wrong('environment-unknown', 'an environment', request.source);
        return JSON.stringify({ memoryImport: accept(world, environment, request, timing.importMs) });
      });
    },
    finish: (ticket, signal) => finish(world, environment, ticket, timing.importDeadlineMs, signal),
    operationOf: (ticket) => {
      const number = numberIn(ticket);
      return number === undefined ? undefined : `${world.hosts[environment] ?? environment}/operations/${number}`;
    },
  };
}

/** Ends the imports whose time has come, in the order in which they were accepted. */
export function endDueImports(world: MemoryWorld): void {
  const due = [...world.running].filter((number) => isDue(world.state.operations[number]));
  for (const number of due) endImport(world, number);
  if (due.length > 0 && world.stateFile !== undefined) saveState(world.stateFile, world.state);
}

function isDue(operation: MemoryOperation | undefined): boolean {
  return operation !== undefined && operation.dueAt !== null && operation.dueAt <= Date.now();
}

function accept(world: MemoryWorld, target: string, request: ImportRequest, importMs: number): number {
  const at = { environment: target, repository: request.repository, call: 'import' as const };
  const fault = world.faults.take(['import-fails', 'import-hangs', 'import-lies'], at)?.fault;
  const begunAt = Date.now();
  const operation: MemoryOperation = {
    target,
    request,
    begunAt,
    dueAt: fault === 'import-hangs' ? null : begunAt + importMs,
    outcome: fault === 'import-fails' ? 'fails' : fault === 'import-lies' ? 'lies' : 'copies',
  };
  const number = world.state.operations.push(operation) - 1;
  const { repository, digest, tag } = request;
  log(world, {
    effect: 'import-accepted',
    environment: target,
    repository,
    digest,
    operation: number,
    ...(tag === undefined ? {} : { tag }),
  });
  world.running.add(number);
  if (importMs === 0 && operation.dueAt !== null) endImport(world, number);
  return number;
}

function endImport(world: MemoryWorld, number: number): void {
  world.running.delete(number);
  const operation = world.state.operations[number];
  if (operation === undefined) return;
  const { request, target } = operation;
  operation.end = copyOf(world, operation);
  const { repository, digest } = request;
  const effect = operation.end.kind === 'done' ? 'import-completed' : 'import-failed';
  log(world, { effect, environment: target, repository, digest, operation: number });
}

function copyOf(world: MemoryWorld, { request, target, outcome }: MemoryOperation): ImportEnd {
  if (outcome === 'fails') return { kind: 'failed', why: 'InvalidParameters: Error copying blobs (injected fault)' };
  if (outcome === 'lies') return { kind: 'done' };
  const { repository, digest, tag } = request;
  const from = { environment: request.source, repository };
  const to = { environment: target, repository };
  const meaning = tag === undefined ? undefined : repositoryAt(world, to)?.tags.get(tag)?.digest;
  if (meaning !== undefined && meaning !== digest) return { kind: 'tag-conflict', meaning };
  const whole = closure(world, from, digest);
  if (typeof whole === 'string') return { kind: 'failed', why: whole };
  const source = ensureRepository(world, from);
  const destination = ensureRepository(world, to);
  for (const blob of whole.blobs) destination.blobs.set(blob, source.blobs.get(blob) ?? new Uint8Array());
  for (const one of whole.manifests) {
    const manifest = source.manifests.get(one);
    if (manifest === undefined) continue;
    storeManifest(
      world,
      to,
      { mediaType: manifest.mediaType, bytes: manifest.bytes },
      one === digest ? tag : undefined,
    );
  }
  return { kind: 'done' };
}

/** The manifest with its children and blobs, children first; or why it cannot be copied. Referrers stay behind, as with ACR. */
function closure(
  world: MemoryWorld,
  place: { readonly environment: string; readonly repository: string },
  root: Digest,
): { readonly manifests: readonly Digest[]; readonly blobs: readonly Digest[] } | string {
  const stored = repositoryAt(world, place);
  const manifest = stored?.manifests.get(root);
  if (stored === undefined || manifest === undefined)
    return `ManifestUnknown: ${place.repository}@${root} at ${place.environment}`;
  const named = namedBy(manifest.bytes);
  const missing = named.blobs.find((blob) => !stored.blobs.has(blob));
  if (missing !== undefined) return `BlobUnknown: ${missing} at ${place.environment}`;
  const children = named.children.map((child) => closure(world, place, child));
  const bad = children.find((child) => typeof child === 'string');
  if (bad !== undefined) return bad;
  const parts = children.filter((child) => typeof child !== 'string');
  return {
    manifests: [...parts.flatMap((part) => part.manifests), root],
    blobs: [...parts.flatMap((part) => part.blobs), ...named.blobs],
  };
}

async function finish(
  world: MemoryWorld,
  environment: string,
  ticket: string,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const operation = operationOf(world, environment, ticket);
  const place = { environment, repository: operation.request.repository };
  for (;;) {
    signal.throwIfAborted();
    await inWorld(world, 'finish-import', place, () => undefined);
    if (operation.end !== undefined) return judge(operation.request, environment, operation.end);
    const left = operation.begunAt + deadlineMs - Date.now();
    if (left <= 0) throw failed('import-stuck', operation.request, environment, 'no end in time');
    const wait = operation.dueAt === null ? left : Math.min(left, operation.dueAt - Date.now());
    await pause(Math.max(1, wait), undefined, { signal });
  }
}

function judge(request: ImportRequest, environment: string, end: ImportEnd): void {
  if (end.kind === 'failed') throw failed('import-failed', request, environment, end.why);
  if (end.kind === 'tag-conflict') throw failed('tag-conflict', request, environment, end.meaning);
}

function operationOf(world: MemoryWorld, environment: string, ticket: string): MemoryOperation {
  const number = numberIn(ticket);
  const operation = number === undefined ? undefined : world.state.operations[Number(number)];
  if (operation?.target === environment) return operation;
  throw wrong('input-invalid', 'a ticket that begin() returned', 'something else');
}

function numberIn(ticket: string): string | undefined {
  return /^\{"memoryImport":(\d+)\}$/.exec(ticket)?.[1];
}

function failed(
  code: 'import-failed' | 'import-stuck' | 'tag-conflict',
  request: ImportRequest,
  environment: string,
  got: string,
): PortError {
  const what = `could not import ${request.repository}@${request.digest} from ${request.source} to ${environment}: ${got}`;
  const final = code === 'tag-conflict' || got.includes('Unknown');
  return new PortError(code, what, {
    retry: final ? 'no' : 'yes',
    expected:
      code === 'tag-conflict'
        ? `${request.tag ?? ''} to be free or to mean ${request.digest}`
        : 'an import that succeeds',
    got,
    remedy: code === 'tag-conflict' ? 'release under another version' : 'the import is asked for again',
  });
}
