/** The registries of several environments in one place: storage, rules and log. The ports are thin views of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { digestOf } from '../../../content/digest-of.ts';
import { type Digest, isDigest } from '../../../domain/digest.ts';
import type { ErrorCode } from '../../../domain/error-code.ts';
import { isRepository } from '../../../domain/image-reference.ts';
import { PortError } from '../../../ports/port-error.ts';
import { injected, type MemoryCall, type MemoryFaults } from './memory-faults.ts';
import { type MemoryEffect, type MemoryRepository, type MemoryState, saveState, UNLOCKED } from './memory-state.ts';

export interface MemoryWorld {
  readonly state: MemoryState;
  readonly faults: MemoryFaults;
  readonly hosts: Readonly<Record<string, string>>;
  readonly stateFile?: string | undefined;
  /** Numbers of the imports that have not ended. */
  readonly running: Set<number>;
  /** Each call takes so long. */
  readonly callMs: number;
  /** Runs before every call, for what happened in the meantime. */
  catchUp(): void;
}

export interface MemoryPlace {
  readonly environment: string;
  readonly repository: string;
}

/** What every call does: wait, let due imports end, fail as told before or after the effect, save. */
export async function inWorld<T>(
  world: MemoryWorld,
  call: MemoryCall,
  place: MemoryPlace,
  effect: () => T,
): Promise<T> {
  if (!isRepository(place.repository))
    throw wrong('reference-malformed', 'a repository', JSON.stringify(place.repository));
  if (world.callMs > 0) await pause(world.callMs);
  world.catchUp();
  const at = { ...place, call };
  const before = world.faults.take(['error'], at, 'before');
  if (before?.fault === 'error') throw injected(before, at);
  const logged = world.state.effects.length;
  const result = effect();
  if (world.stateFile !== undefined && world.state.effects.length > logged) saveState(world.stateFile, world.state);
  const after = world.faults.take(['error'], at, 'after');
  if (after?.fault === 'error') throw injected(after, at);
  return result;
}

export function repositoryAt(world: MemoryWorld, place: MemoryPlace): MemoryRepository | undefined {
  return world.state.registries.get(place.environment)?.get(place.repository);
}

export function ensureRepository(world: MemoryWorld, place: MemoryPlace): MemoryRepository {
  const { registries } = world.state;
  const registry = registries.get(place.environment) ?? new Map<string, MemoryRepository>();
  registries.set(place.environment, registry);
  const repository = registry.get(place.repository) ?? {
    manifests: new Map(),
    blobs: new Map(),
    tags: new Map(),
    referrers: new Map(),
  };
  registry.set(place.repository, repository);
  return repository;
}

/** Stores a manifest, and a tag for it. A locked tag that means something else refuses. */
export function storeManifest(
  world: MemoryWorld,
  place: MemoryPlace,
  manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
  tag?: string,
): Digest {
  const repository = ensureRepository(world, place);
  const digest = digestOf(manifest.bytes);
  const tagged = tag === undefined ? undefined : repository.tags.get(tag);
  if (tagged !== undefined && tagged.digest !== digest && !tagged.lock.writable) throw locked(place, tag ?? '');
  if (!repository.manifests.has(digest)) {
    repository.manifests.set(digest, { ...manifest, lock: UNLOCKED });
    const { subject } = namedBy(manifest.bytes);
    if (subject !== undefined)
      repository.referrers.set(subject, [...(repository.referrers.get(subject) ?? []), digest]);
    log(world, { effect: 'manifest-put', ...place, digest });
  }
  if (tag !== undefined && tagged?.digest !== digest) {
    repository.tags.set(tag, { digest, lock: UNLOCKED });
    log(world, { effect: 'tag-put', ...place, digest, tag });
  }
  return digest;
}

export function log(world: MemoryWorld, effect: MemoryEffect): void {
  world.state.effects.push(effect);
}

/** Digests that a manifest names: configuration, layers, children of an index, subject. */
export function namedBy(bytes: Uint8Array): {
  readonly blobs: readonly Digest[];
  readonly children: readonly Digest[];
  readonly subject: Digest | undefined;
} {
  const manifest = parse(bytes);
  const digests = (list: unknown): Digest[] => (Array.isArray(list) ? list.flatMap(digestIn) : []);
  return {
    blobs: [...digestIn(manifest.config), ...digests(manifest.layers)],
    children: digests(manifest.manifests),
    subject: digestIn(manifest.subject)[0],
  };
}

export function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function wrong(code: ErrorCode, expected: string, got: string): PortError {
  const remedy = 'correct the request';
  return new PortError(code, `expected ${expected}, got ${got}`, { retry: 'no', expected, got, remedy });
}

export function locked(place: MemoryPlace, reference: string): PortError {
  const name = `${place.repository} ${reference}`;
  return new PortError('image-locked', `${name} is locked at ${place.environment}`, {
    retry: 'no',
    expected: 'a manifest or tag that may be changed',
    got: 'a locked one',
    remedy: 'unlock it first',
  });
}

function digestIn(descriptor: unknown): Digest[] {
  const digest = (descriptor as { readonly digest?: unknown } | null | undefined)?.digest;
  return typeof digest === 'string' && isDigest(digest) ? [digest] : [];
}
