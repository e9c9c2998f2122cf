/** Imports as long-running operations: accepted at once, done later, one JSON file each, continued after a restart. */
import { createHmac, randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EffectLog } from './effects.ts';
import type { ImportFault } from './faults.ts';
import { copyImage, ImportFailure, type ImportOrder } from './import-copy.ts';
import type { RegistryStore } from './store/registry-store.ts';
import { readJson, writeFileAtomically } from './store/write-file.ts';

export interface Operation {
  readonly id: string;
  readonly registry: string;
  readonly identity: string;
  readonly order: ImportOrder;
  readonly acceptedAt: string;
  /** Milliseconds since the epoch; undefined: never. */
  readonly dueAt?: number;
  readonly fault?: ImportFault;
  state: 'running' | 'succeeded' | 'failed';
  error?: { readonly status: number; readonly code: string; readonly message: string };
}

/** Accepts, performs and remembers the imports of all registries. */
export class ImportDesk {
  readonly #stores: ReadonlyMap<string, RegistryStore>;
  readonly #log: EffectLog;
  readonly #secret: string;
  readonly #durationMs: number;
  readonly #operations = new Map<string, Operation>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Loads what the registries' folders hold and goes on with what was running. */
  constructor(
    stores: ReadonlyMap<string, RegistryStore>,
    settings: { log: EffectLog; secret: string; durationMs: number },
  ) {
    this.#stores = stores;
    this.#log = settings.log;
    this.#secret = settings.secret;
    this.#durationMs = settings.durationMs;
    for (const store of stores.values()) {
      for (const file of readdirSync(store.operations)) this.#load(join(store.operations, file));
    }
  }

  #load(path: string): void {
    if (path.endsWith('.tmp')) {
      rmSync(path, { force: true });
      return;
    }
    const operation = readJson<Operation>(path);
    if (operation === undefined) return;
    this.#operations.set(operation.id, operation);
    this.#logAccepted(operation);
    this.#logEnd(operation);
    this.#schedule(operation);
  }

  /** Writes the operation down and starts it. */
  accept(registry: string, identity: string, order: ImportOrder, fault: ImportFault | undefined): Operation {
    const duration = fault?.fault === 'import-slow' ? fault.durationMs : this.#durationMs;
    const operation: Operation = {
      id: randomUUID(),
      registry,
      identity,
      order,
      acceptedAt: new Date().toISOString(),
      ...(fault?.fault === 'import-hangs' ? {} : { dueAt: Date.now() + duration }),
      ...(fault === undefined ? {} : { fault }),
      state: 'running',
    };
    this.#store(operation);
    this.#operations.set(operation.id, operation);
    this.#logAccepted(operation);
    this.#schedule(operation);
    return operation;
  }

  find(id: string): Operation | undefined {
    return this.#operations.get(id);
  }

  /** Proves that an operation's address came from here; ARM's own addresses are signed too. */
  signature(id: string): string {
    return createHmac('sha256', this.#secret).update(id).digest('base64url');
  }

  /** Stops the timers; the files keep the work. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(operation: Operation): void {
    if (operation.state !== 'running' || operation.dueAt === undefined) return;
    // After a restart with a shorter duration the running imports profit from it.
    const longest = operation.fault?.fault === 'import-slow' ? operation.fault.durationMs : this.#durationMs;
    const wait = Math.min(longest, Math.max(0, operation.dueAt - Date.now()));
    this.#timers.set(
      operation.id,
      setTimeout(() => this.#perform(operation), wait),
    );
  }

  #perform(operation: Operation): void {
    this.#timers.delete(operation.id);
    try {
      this.#carryOut(operation);
      operation.state = 'succeeded';
    } catch (error) {
      if (!(error instanceof ImportFailure)) throw error;
      operation.state = 'failed';
      operation.error = { status: error.status, code: error.code, message: error.message };
    }
    this.#store(operation);
    this.#logEnd(operation);
  }

  #carryOut(operation: Operation): void {
    const fault = operation.fault;
    if (fault?.fault === 'import-lies') return;
    if (fault?.fault === 'import-fails') {
      const message =
        fault.message ??
        `Operation registries-${operation.id} failed. Resource ${operation.registry} Error copying blobs`;
      throw new ImportFailure(fault.status ?? 400, fault.code ?? 'InvalidParameters', message);
    }
    const source = this.#stores.get(operation.order.sourceRegistry);
    const target = this.#stores.get(operation.registry);
    if (source === undefined || target === undefined)
      throw new ImportFailure(400, 'InvalidParameters', 'registry unknown');
    copyImage(source, target, operation);
  }

  #store(operation: Operation): void {
    const folder = this.#stores.get(operation.registry)?.operations;
    if (folder === undefined) throw new Error(`no registry ${operation.registry} to keep operation ${operation.id}`);
    writeFileAtomically(join(folder, `${operation.id}.json`), JSON.stringify(operation));
  }

  #logAccepted(operation: Operation): void {
    const { id, registry, identity, order } = operation;
    this.#log.append([
      {
        id: `${id}/accepted`,
        time: operation.acceptedAt,
        identity,
        registry,
        effect: 'import-accepted',
        operation: id,
        ...describeOrder(order),
      },
    ]);
  }

  #logEnd(operation: Operation): void {
    if (operation.state === 'running') return;
    const { id, registry, identity, order, error } = operation;
    this.#log.append([
      {
        id: `${id}/ended`,
        time: new Date().toISOString(),
        identity,
        registry,
        effect: operation.state === 'succeeded' ? 'import-completed' : 'import-failed',
        operation: id,
        ...describeOrder(order),
        ...(error === undefined ? {} : { status: error.status, code: error.code, message: error.message }),
      },
    ]);
  }
}

function describeOrder(order: ImportOrder): { source: string; digest?: string; targets: readonly string[] } {
  const separator = order.sourceReference.includes(':') ? '@' : ':';
  return {
    source: `${order.sourceRegistry}/${order.sourceRepository}${separator}${order.sourceReference}`,
    ...(separator === '@' ? { digest: order.sourceReference } : {}),
    targets: [...order.targetTags.map(({ repository, tag }) => `${repository}:${tag}`), ...order.untaggedRepositories],
  };
}
