/** What another process needs to go on waiting for an import: the poller's state, and what was asked for. */
import { z } from 'zod';
import { type Digest, isDigest } from '../../../domain/digest.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { ImportRequest, ImportTicket } from '../../../ports/registry-importer.ts';
import { safeText } from './redaction.ts';

const SCHEMA = z.object({
  v: z.literal(1),
  /** Milliseconds since the epoch: the deadline counts from here, whoever waits. */
  begunAt: z.number(),
  source: z.string(),
  repository: z.string(),
  digest: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  tag: z.string().optional(),
  /** Serialised poller of `@azure/arm-containerregistry`; absent when there is nothing left to wait for. */
  poller: z.string().optional(),
});

const POLLER = z.object({ state: z.object({ config: z.object({ operationLocation: z.string() }) }) });

export interface PendingImport {
  readonly begunAt: number;
  readonly request: ImportRequest;
  readonly poller?: string;
}

export function writeTicket(pending: PendingImport): ImportTicket {
  const { begunAt, request, poller } = pending;
  const { source, repository, digest, tag } = request;
  return JSON.stringify({ v: 1, begunAt, source, repository, digest, tag, poller });
}

/**
 * Parses a ticket. Tickets come back out of a workflow's history, and waiting sends a token to the address inside: one
 * that is not at Azure Resource Manager (`resourceManager`) is refused.
 */
export function readTicket(ticket: ImportTicket, resourceManager: string): PendingImport {
  const parsed = SCHEMA.safeParse(jsonOf(ticket));
  if (!parsed.success) throw badTicket('a ticket that begin() returned', 'something else');
  const { begunAt, source, repository, digest, tag, poller } = parsed.data;
  const request = { source, repository, digest, ...(tag === undefined ? {} : { tag }) };
  if (poller === undefined) return { begunAt, request };
  const address = operationAddress(poller);
  if (address === undefined || !isBelow(address, resourceManager)) {
    throw badTicket(`an operation at ${resourceManager}`, address ?? 'none');
  }
  return { begunAt, request, poller };
}

/** Address of the operation for logs and evidence: without its query, which is signed. */
export function describeTicket(ticket: ImportTicket): string {
  return operationIn(ticket) ?? 'import without operation';
}

/** Undefined where Azure answered without one, or it is no ticket of ours. */
export function operationIn(ticket: ImportTicket): string | undefined {
  const poller = SCHEMA.safeParse(jsonOf(ticket)).data?.poller;
  const address = poller === undefined ? undefined : operationAddress(poller);
  return address === undefined ? undefined : safeText(address.split('?')[0] ?? '');
}

function operationAddress(poller: string): string | undefined {
  return POLLER.safeParse(jsonOf(poller)).data?.state.config.operationLocation;
}

/** The same host, or a regional one below it, over HTTPS. */
function isBelow(address: string, resourceManager: string): boolean {
  if (!URL.canParse(address)) return false;
  const [asked, known] = [new URL(address), new URL(resourceManager)];
  if (asked.protocol !== 'https:' || asked.username !== '') return false;
  return asked.host === known.host || asked.host.endsWith(`.${known.host}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badTicket(expected: string, got: string): PortError {
  return new PortError('input-invalid', `cannot wait for this import: expected ${expected}, got ${safeText(got)}`, {
    retry: 'no',
    expected,
    got: safeText(got),
    remedy: 'begin the import again',
  });
}
