/** RegistryImporter on Azure Resource Manager: asked once, waited for from anywhere, never forced. */
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '../../../ports/port-error.ts';
import type { ImportRequest, ImportTicket, RegistryImporter } from '../../../ports/registry-importer.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { Attempt } from './errors.ts';
import {
  importStuck,
  type ImportSource,
  type ImportTrouble,
  importVanished,
  tagConflict,
  troubleOfEnd,
  troubleOfPoll,
  troubleOfSubmit,
} from './import-failures.ts';
import type { ImportOperations } from './import-operation.ts';
import { describeTicket, operationIn, type PendingImport, readTicket, writeTicket } from './import-ticket.ts';
import { checkRepository, referencePart } from './oci-client.ts';

/** Operation results are read this often, small copies end at once; the service's own hint is a constant 10 s, and 12,000 reads an hour are allowed. */
export const POLL_FIRST_MS = 50;
export const POLL_LONGEST_MS = 3000;
const POLL_GROWTH = 1.5;
/** Imports that hang do so for up to an hour (Azure/acr#617); those that work are done in a few minutes. */
export const IMPORT_DEADLINE_MS = 20 * 60_000;

export interface ImporterParts {
  /** Resource id of the target registry. */
  readonly resourceId: string;
  readonly resourceManager: string;
  readonly sources: Readonly<Record<string, ImportSource>>;
  readonly operations: ImportOperations;
  /** Reads the target. */
  readonly reader: RegistryReader;
  readonly deadlineMs: number;
  readonly pollLongestMs: number;
}

export function importerOn(parts: ImporterParts): RegistryImporter {
  return {
    begin: (request, signal) => begin(parts, request, signal),
    finish: (ticket, signal) => finish(parts, ticket, signal),
    operationOf: operationIn,
  };
}

async function begin(parts: ImporterParts, request: ImportRequest, signal: AbortSignal): Promise<ImportTicket> {
  const source = sourceOf(parts, request.source);
  checkRepository(request.repository);
  if (request.tag !== undefined) referencePart({ tag: request.tag });
  signal.throwIfAborted();
  try {
    const poller = await parts.operations.submit(
      {
        source: { resourceId: source.resourceId, sourceImage: `${request.repository}@${request.digest}` },
        ...(request.tag === undefined
          ? { untaggedTargetRepositories: [request.repository] }
          : { targetTags: [`${request.repository}:${request.tag}`] }),
        mode: 'NoForce',
      },
      signal,
    );
    return writeTicket({ begunAt: Date.now(), request, ...(poller === undefined ? {} : { poller }) });
  } catch (thrown) {
    signal.throwIfAborted();
    const attempt = attemptOf(parts, request);
    await settle(parts, request, troubleOfSubmit(attempt, source, thrown));
    return writeTicket({ begunAt: Date.now(), request });
  }
}

async function finish(parts: ImporterParts, ticket: ImportTicket, signal: AbortSignal): Promise<void> {
  const pending = readTicket(ticket, parts.resourceManager);
  const attempt = attemptOf(parts, pending.request);
  let state = pending.poller;
  if (state !== undefined) await untilWorthALook(parts, pending, signal);
  for (let wait = POLL_FIRST_MS; state !== undefined; wait = Math.min(wait * POLL_GROWTH, parts.pollLongestMs)) {
    // At least one look: whoever comes back after the deadline may find the import done.
    state = await lookOnce(parts, pending, state, signal);
    if (state === undefined) return;
    const left = pending.begunAt + parts.deadlineMs - Date.now();
    if (left <= 0) throw importStuck(attempt, parts.deadlineMs, describeTicket(ticket));
    await pause(Math.min(left, wait * (0.8 + Math.random() * 0.4)), undefined, { signal });
  }
}

/** What has only been asked for has not ended yet; whoever comes back later looks at once. */
async function untilWorthALook(parts: ImporterParts, { begunAt }: PendingImport, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const since = Date.now() - begunAt;
  const wait = Math.min(POLL_FIRST_MS, parts.deadlineMs) - since;
  if (since >= 0 && wait > 0) await pause(wait, undefined, { signal });
}

/** The state to go on with; undefined when the operation has ended well. */
async function lookOnce(
  parts: ImporterParts,
  pending: PendingImport,
  state: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const attempt = attemptOf(parts, pending.request);
  let trouble: ImportTrouble | undefined;
  try {
    const view = await parts.operations.look(state, signal);
    if (!view.done) return view.state;
    trouble = troubleOfEnd(attempt, view.said);
  } catch (thrown) {
    signal.throwIfAborted();
    trouble = troubleOfPoll(attempt, sourceOf(parts, pending.request.source), thrown);
  }
  if (trouble !== undefined) await settle(parts, pending.request, trouble);
  return undefined;
}

/** Trouble is none when the registry holds what was asked for; otherwise it is thrown. */
async function settle(parts: ImporterParts, request: ImportRequest, trouble: ImportTrouble): Promise<void> {
  if (trouble.kind === 'error') throw trouble.error;
  const attempt = attemptOf(parts, request);
  const reference = request.tag === undefined ? request.digest : { tag: request.tag };
  const there = await parts.reader.manifest(request.repository, reference);
  if (there?.digest === request.digest) return;
  if (there !== undefined) throw tagConflict(attempt, request, there.digest);
  throw importVanished(
    attempt,
    trouble.kind === 'lost' ? 'the operation is gone and the image is not there' : trouble.said,
  );
}

function sourceOf(parts: ImporterParts, environment: string): ImportSource {
  const source = parts.sources[environment];
  if (source !== undefined) return source;
  const known = Object.keys(parts.sources).join(', ') || 'none';
  throw new PortError('environment-unknown', `cannot import from "${environment}": expected one of: ${known}`, {
    retry: 'no',
    expected: known,
    got: environment,
    remedy: 'name the environment in sluice.yaml',
  });
}

function attemptOf(parts: ImporterParts, request: ImportRequest): Attempt {
  return {
    what: `import ${request.repository}@${request.digest} from ${request.source}`,
    host: parts.reader.host,
    right: 'import',
    scope: parts.resourceId,
  };
}
