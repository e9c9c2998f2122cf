/** What lies where in an archive of evidence: a closed list of paths, so that nothing else can hide in it. */
import { type Digest, digestFromHex, hexOf } from '../domain/digest.ts';

export interface Part {
  /** Relative, with "/" between names. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Bytes of an archive: more than the largest SBOMs of a release with many environments. */
export const LARGEST_ARCHIVE = 512 * 1024 * 1024;
export const MOST_PARTS = 20_000;

export const INDEX = 'index.json';
export const RELEASE_HISTORY = 'histories/release.json';
export const RELEASE = 'release.json';

/** Of one promotion: environments are entered more than once where a roll-back brings a version back. */
export interface Entering {
  readonly environment: string;
  /** 1 for the release's own, then roll-backs as they came. */
  readonly number: number;
}

/** `away`: a roll-back that has led away from the version. */
export type HistoryKind = 'promotion' | 'rollback' | 'away';

export function historyPath({ environment, number }: Entering, kind: HistoryKind): string {
  return `histories/${environment}/${number}.${kind}.json`;
}

export type PromotionPart = 'plan.json' | 'promotion.json' | 'approvals.json' | `statements/${number}.jws`;

export function promotionPath({ environment, number }: Entering, part: PromotionPart): string {
  return `promotions/${environment}/${number}/${part}`;
}

export function registryPath(environment: string): string {
  return `registries/${environment}.json`;
}

export function policyPath(version: Digest): string {
  return `policies/${hexOf(version)}.json`;
}

/** The version of the rules that lie there; undefined for what lies elsewhere. */
export function policyAt(path: string): Digest | undefined {
  const [, hex] = /^policies\/([0-9a-f]{64})\.json$/.exec(path) ?? [];
  return hex === undefined ? undefined : digestFromHex(hex);
}

export function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Undefined for what lies elsewhere. */
export function blobAt(path: string): Digest | undefined {
  const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
  return hex === undefined ? undefined : digestFromHex(hex);
}

const NAME = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const NUMBER = '[1-9][0-9]{0,3}';
const JSON_TYPE = 'application/json';

const KINDS: readonly { readonly path: RegExp; readonly mediaType: string }[] = [
  { path: /^(?:index|release)\.json$/, mediaType: JSON_TYPE },
  { path: /^histories\/release\.json$/, mediaType: JSON_TYPE },
  { path: new RegExp(`^histories/(${NAME})/(${NUMBER})\\.(promotion|rollback|away)\\.json$`), mediaType: JSON_TYPE },
  { path: new RegExp(`^promotions/${NAME}/${NUMBER}/(?:plan|promotion|approvals)\\.json$`), mediaType: JSON_TYPE },
  { path: new RegExp(`^promotions/${NAME}/${NUMBER}/statements/${NUMBER}\\.jws$`), mediaType: 'application/jose' },
  { path: new RegExp(`^registries/${NAME}\\.json$`), mediaType: JSON_TYPE },
  { path: /^policies\/[0-9a-f]{64}\.json$/, mediaType: JSON_TYPE },
  { path: /^blobs\/sha256\/[0-9a-f]{64}$/, mediaType: 'application/octet-stream' },
];

/** Undefined: nothing may lie there. */
export function mediaTypeAt(path: string): string | undefined {
  return KINDS.find((one) => one.path.test(path))?.mediaType;
}

/** Which history lies there; undefined: none, or that of the release. */
export function historyAt(path: string): (Entering & { readonly kind: HistoryKind }) | undefined {
  const [, environment, number, kind] = KINDS[2]?.path.exec(path) ?? [];
  if (environment === undefined || number === undefined) return undefined;
  return { environment, number: Number(number), kind: kind as HistoryKind };
}

/** Whose registry it tells of; undefined: none. */
export function registryAt(path: string): string | undefined {
  return /^registries\/(.+)\.json$/.exec(path)?.[1];
}
