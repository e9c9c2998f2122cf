/** The registries of all environments in memory, for tests, benchmarks and trying Sluice out. */
import { digestOf } from '../../../content/digest-of.ts';
import { type Digest } from '../../../domain/digest.ts';
import type { ArtefactPublisher } from '../../../ports/artefact-publisher.ts';
import type { ImageLocks } from '../../../ports/image-locks.ts';
import type { RegistryImporter } from '../../../ports/registry-importer.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { RegistryRemover } from '../../../ports/registry-remover.ts';
import { memoryLocks, memoryPublisher, memoryRemover } from './memory-changes.ts';
import { createMemoryFaults, type MemoryFaults } from './memory-faults.ts';
import { endDueImports, memoryImporter } from './memory-importer.ts';
import { memoryReader } from './memory-reader.ts';
import { emptyState, loadState, type MemoryEffect, saveState } from './memory-state.ts';
import { ensureRepository, type MemoryWorld, storeManifest, wrong } from './memory-world.ts';

export interface MemoryRegistriesOptions {
  /** Host of each environment's registry, as image references name it. The keys are the environments. */
  readonly hosts: Readonly<Record<string, string>>;
  /** How long an import takes; 0 unless given. It goes on while nobody waits. */
  readonly importMs?: number;
  /** After this long `finish` gives up; 20 minutes unless given. */
  readonly importDeadlineMs?: number;
  /** How long every call takes; 0 unless given. */
  readonly callMs?: number;
  /** JSON file that holds everything, so that a killed process finds it again. For one process at a time. */
  readonly stateFile?: string;
}

export interface MemoryRegistry {
  readonly reader: RegistryReader;
  readonly importer: RegistryImporter;
  readonly locks: ImageLocks;
  readonly remover: RegistryRemover;
  readonly publisher: ArtefactPublisher;
}

/** An image as a push leaves it: whole, perhaps tagged. */
export interface MemoryImage {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly blobs: readonly Uint8Array[];
  readonly tag?: string;
}

export interface MemoryRegistries {
  /** The five ports of one environment. Throws `environment-unknown`. */
  registry(environment: string): MemoryRegistry;
  /** Everything that changed a registry, in order. */
  readonly effects: readonly MemoryEffect[];
  readonly faults: MemoryFaults;
  /** Pushes an image without any port, as a pipeline would have. */
  push(environment: string, repository: string, image: MemoryImage): Digest;
}

const IMPORT_DEADLINE_MS = 20 * 60_000;

export function createMemoryRegistries(options: MemoryRegistriesOptions): MemoryRegistries {
  const { stateFile } = options;
  const timing = { importMs: options.importMs ?? 0, importDeadlineMs: options.importDeadlineMs ?? IMPORT_DEADLINE_MS };
  const state = stateFile === undefined ? emptyState() : loadState(stateFile);
  const world: MemoryWorld = {
    state,
    running: new Set(state.operations.flatMap((one, number) => (one.end === undefined ? [number] : []))),
    faults: createMemoryFaults(),
    hosts: options.hosts,
    stateFile,
    callMs: options.callMs ?? 0,
    catchUp: () => endDueImports(world),
  };
  return {
    registry(environment) {
      if (!(environment in options.hosts))
        throw wrong('environment-unknown', Object.keys(options.hosts).join(', '), environment);
      return {
        reader: memoryReader(world, environment),
        importer: memoryImporter(world, environment, timing),
        locks: memoryLocks(world, environment),
        remover: memoryRemover(world, environment),
        publisher: memoryPublisher(world, environment),
      };
    },
    effects: world.state.effects,
    faults: world.faults,
    push(environment, repository, image) {
      const place = { environment, repository };
      for (const bytes of image.blobs) ensureRepository(world, place).blobs.set(digestOf(bytes), bytes);
      const digest = storeManifest(world, place, { mediaType: image.mediaType, bytes: image.manifest }, image.tag);
      if (stateFile !== undefined) saveState(stateFile, world.state);
      return digest;
    },
  };
}
