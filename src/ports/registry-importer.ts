/** Copying by digest from one registry into another, server-side: a long operation that survives its caller. */
import type { Digest } from '../domain/digest.ts';

export interface ImportRequest {
  /** Environment whose registry is the source. */
  readonly source: string;
  readonly repository: string;
  readonly digest: Digest;
  /** Tag at the destination; undefined: by digest only. Never moves a tag that means something else (`tag-conflict`). */
  readonly tag?: string;
}

/** Opaque, serialisable: enough to go on waiting in another process. Holds no secret. */
export type ImportTicket = string;

export interface RegistryImporter {
  /** Asks for the copy exactly once. Resolves as soon as the registry has accepted it. */
  begin(request: ImportRequest, signal: AbortSignal): Promise<ImportTicket>;
  /** Waits for the operation to end. Throws `import-failed`, `tag-conflict`, `import-stuck`. Success is not proof: look afterwards. */
  finish(ticket: ImportTicket, signal: AbortSignal): Promise<void>;
  /** What the registry itself calls the operation, for whoever looks it up in its log. No secret; undefined: it gave it no name. */
  operationOf(ticket: ImportTicket): string | undefined;
}
