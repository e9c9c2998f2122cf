/** Everything that is known of one release, as one file: histories from the engine's server, content from registries that the caller opens. */
import { isErrorCode } from '../domain/error-code.ts';
import { type Histories, historiesOf } from '../evidence/histories.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import { type Evidence, gatherEvidence } from '../evidence/gather.ts';
import type { Engine, ReleaseKey } from './engine.ts';
import { assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking } from './temporal-errors.ts';

export interface EvidenceRequest extends ReleaseKey {
  /** Undefined: nobody here may read it, and the evidence says nothing of it. */
  registryOf(environment: string): Promise<RegistryReader | undefined>;
  /** The rules as they are here, canonical JSON: kept where a promotion was planned by these very ones. */
  readonly policy?: string;
}

/** Needs no worker. Throws `evidence-incomplete`, `temporal-unreachable`, and what registries throw. */
export async function exportEvidence(engine: Engine, request: EvidenceRequest): Promise<Evidence> {
  assertKey(request);
  const { service, version, registryOf, policy } = request;
  const sources = {
    histories: askedHistories(engine),
    registryOf: (name: string) => registryOf(name),
    ...(policy === undefined ? {} : { policy }),
  };
  try {
    return await gatherEvidence(sources, { service, version });
  } catch (error) {
    throw worded(error);
  }
}

/** Registries and archives have errors of their own, with the same codes. */
function worded(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ReleaseEngineError) return error;
  const { code, expected, got, remedy } = error as Partial<Record<'code' | 'expected' | 'got' | 'remedy', string>>;
  if (!isErrorCode(code)) return error;
  const details = Object.fromEntries(Object.entries({ expected, got, remedy }).filter((one) => one[1] !== undefined));
  return new ReleaseEngineError(code, error.message, { ...details, cause: error });
}

/** With the deadline and the errors of every other question. */
function askedHistories(engine: Engine): Histories {
  const histories = historiesOf(engine.temporal);
  return {
    read: (run) =>
      asking(engine, { what: `reading the history of ${run.workflowId}`, workflowId: run.workflowId }, () =>
        histories.read(run),
      ),
    runsOf: (workflowId) =>
      asking(engine, { what: `looking for runs of ${workflowId}` }, () => histories.runsOf(workflowId)),
  };
}
