/** Staging's activities on the emulator: real registries, real rights, a cluster in memory. What is pushed to dev travels from there. */
import assert from 'node:assert/strict';
import type { Zone } from '../../../activities/index.ts';
import type { EmulatorOptions } from '../../../local/acr-emulator/index.ts';
import { remembering } from '../../../src/adapters/registry/remembering.ts';
import { createMemorySignatures, stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import type { StepAnswer, StepRequest } from '../../../src/contract/activities.ts';
import { COMMON_SIGNER } from '../../../src/domain/proof.ts';
import type { Artefact } from '../../../src/ports/artefact-publisher.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import type { Signatures } from '../../../src/ports/signatures.ts';
import { packManifests } from '../../../src/manifests/artefact.ts';
import { sampleImage, type SampleImage, type SampleOptions } from '../../ports/registry/subject.ts';
import { letIn, planFor, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, PATH, requestFor, SIGNER, YAML } from '../../support/memory-world.ts';
import { type Emulated, startEmulated } from '../registry/emulated.ts';

export const REPOSITORY = 'iam';
/** No pauses between attempts. */
const QUICK = { attempts: 3, pauseMs: 1, longestPauseMs: 1000 };

export interface Travel {
  readonly emulated: Emulated;
  readonly world: MemoryWorld;
  readonly staging: Zone;
  readonly dev: RegistryReader;
  /** The other end, read as whoever pulls there. */
  readonly there: RegistryReader;
  /** Pushes something that refers to it to dev, and returns it. */
  refer(to: Artefact, seed: string, options?: SampleOptions): Promise<SampleImage>;
  /** A signed image with manifests, ready to be released. */
  release(image: SampleImage): Promise<Release>;
  close(): Promise<void>;
}

export interface Release {
  readonly image: SampleImage;
  readonly manifests: Artefact;
  readonly signature: Artefact;
  /** Plans and is let in, as a promotion of this version is. */
  enter(version?: string): Promise<StepRequest>;
}

export async function startTravel(
  options: Partial<EmulatorOptions> = {},
  signatures: Signatures = createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] }),
): Promise<Travel> {
  const emulated = await startEmulated({ importDurationMs: 1, ...options });
  const world = await aWorld();
  const as = { retries: QUICK, requestTimeoutMs: 5_000 };
  const own = emulated.acr('staging', 'worker-staging', as);
  const registry = remembering(own.reader);
  const from = remembering(emulated.acr('dev', 'worker-staging', as).reader);
  const ports = {
    ...world.zones.staging.ports,
    ...{ registry, importer: own.importer, locks: own.locks, remover: own.remover, puller: own.reader },
    ...{ sources: { dev: from }, signatures },
  };
  const staging = { ...world.zones.staging, ports };
  const onEmulator: MemoryWorld = { ...world, zones: { ...world.zones, staging } };
  const { publisher } = emulated.acr('dev', 'build', as);
  return {
    emulated,
    world: onEmulator,
    staging,
    dev: from,
    there: emulated.acr('staging', 'kubelet-staging', as).reader,
    async refer(to, seed, more = {}) {
      const referrer = sampleImage(seed, {
        subject: to,
        artifactType: 'application/vnd.example.note',
        layers: 1,
        ...more,
      });
      await emulated.push(REPOSITORY, referrer);
      return referrer;
    },
    async release(image) {
      await emulated.push(REPOSITORY, image);
      const digest = image.manifestDigest;
      const signature = stated(stateSignature(digest, SIGNER));
      const files = PATH.map((environment) => ({ path: `${environment}/iam.yaml`, bytes: Buffer.from(YAML) }));
      const subject = { digest, mediaType: image.mediaType, size: image.manifest.byteLength };
      const manifests = await packManifests(files, subject);
      for (const one of [signature, manifests]) await publisher.publish(REPOSITORY, one);
      const pushed = { digest, manifests: manifests.manifestDigest, signature: signature.manifestDigest };
      const enter = async (version = '1.0.0') => letIn(staging, requestFor(await planFor(onEmulator, pushed, version)));
      return { image, manifests, signature, enter };
    },
    close: () => emulated.close(),
  };
}

function stated(signature: ReturnType<typeof stateSignature>): Artefact {
  return signature;
}

/** From the import until the signatures are verified where the copy is. */
export async function arrive(staging: Zone, request: StepRequest): Promise<readonly StepAnswer[]> {
  const answers: StepAnswer[] = [];
  for (const name of ['importImage', 'verifyDigest', 'copySignatures'] as const) {
    answers.push(await run(staging, name, request));
    if (answers.at(-1)?.ok === false) return answers;
  }
  return [...answers, await run(staging, 'verifySignatures', { ...request, at: 'destination' })];
}

export async function mustArrive(staging: Zone, request: StepRequest): Promise<readonly StepAnswer[]> {
  const answers = await arrive(staging, request);
  assert.deepEqual(
    answers.filter((answer) => !answer.ok),
    [],
  );
  return answers;
}

/** That the same bytes are served at both ends. */
export async function mustBeEqual({ dev, there }: Travel, all: readonly Artefact[]): Promise<void> {
  for (const { manifestDigest, manifest } of all) {
    for (const end of [dev, there]) {
      const found = await end.manifest(REPOSITORY, manifestDigest);
      assert.deepEqual(Buffer.from(found?.bytes ?? []), Buffer.from(manifest), `${manifestDigest} at ${end.host}`);
    }
  }
}
