/** What a measurement needs the world to be: passed to the worker process as one JSON argument. */

export interface Setting {
  /** Temporal's address and namespace. */
  readonly address: string;
  readonly namespace: string;
  /** `holders`: workflows that ask either side for something. */
  readonly side: 'engine' | 'floor' | 'holders';
  /** As `sluice worker --name`. */
  readonly name?: string;
  /** Environments in the order of the path. */
  readonly path: readonly string[];
  /** Environments that ask one person. */
  readonly approvals: readonly string[];
  /** Environments that lock images. */
  readonly locks: readonly string[];
  /** Services, each with its own repository, image and manifests. */
  readonly services: number;
  /** Activities that take longer than an instant, and how long. */
  readonly slow: readonly string[];
  readonly slowMs: number;
  /** Activities that wait for as long as the file `untilGone` exists, and that file. */
  readonly held?: { readonly steps: readonly string[]; readonly untilGone: string };
  /** As `sluice worker --cached-workflows`. */
  readonly cachedWorkflows?: number;
  /** Variables of the worker alone, beside those of the bench. */
  readonly variables?: Readonly<Record<string, string>>;
  /** For how long a question waits for its answer; an hour unless given. */
  readonly approvalForMs?: number;
  readonly heartbeatMs: number;
  /** Milliseconds between two looks of a guardian, in every environment; nobody looks unless given. */
  readonly guardEveryMs?: number;
  /** Keeps registries and clusters, so that a killed worker finds them again. */
  readonly stateFolder?: string;
}

export const VERSION = '1.0.0';
export const REQUESTED_BY = 'pipeline';

export function serviceName(index: number): string {
  return `service-${index}`;
}

/** Every activity of the production adapters' journey that is slowed down where "ten steps of 200 ms" are asked for. */
export const TEN_STEPS = [
  'importImage',
  'verifyDigest',
  'copySignatures',
  'verifySignatures:destination',
  'checkPullable',
  'lockImage',
  'applyManifests',
  'rollOut',
  'proveRunning',
  'checkHealth',
] as const;
