/** The index of an archive: every part with its digest. Its own digest is the name of the evidence. */
import { canonicalJson } from '../content/canonical-json.ts';
import { digestOf } from '../content/digest-of.ts';
import { jsonObject } from '../content/json-object.ts';
import { type Digest, hexOf } from '../domain/digest.ts';
import { isName, isVersion } from '../domain/names.ts';
import { unreadable } from './evidence-error.ts';
import { INDEX, mediaTypeAt, type Part } from './layout.ts';

export const INDEX_TYPE = 'urn:x-sluice:evidence:v1';

export interface IndexedPart {
  /** Hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
}

export interface EvidenceIndex {
  readonly type: typeof INDEX_TYPE;
  readonly service: string;
  readonly version: string;
  /** Environments whose registry whoever exported might not read. */
  readonly without: readonly string[];
  readonly parts: Readonly<Record<string, IndexedPart>>;
}

export type Named = Pick<EvidenceIndex, 'service' | 'version' | 'without'>;

/** The parts with their index. */
export function withIndex(parts: readonly Part[], release: Named): readonly Part[] {
  return [...parts, { path: INDEX, bytes: spelt(indexOf(parts, release)) }];
}

/** What the evidence is called: the digest of its index. */
export function nameOf(parts: readonly Part[]): Digest {
  return digestOf(partAt(parts, INDEX));
}

export interface IndexAnswer {
  readonly index: EvidenceIndex;
  readonly name: Digest;
  /** One sentence for each part that is not what the index says; none: all are. */
  readonly differences: readonly { readonly path: string; readonly why: string }[];
}

/** Throws `evidence-unreadable` where there is no index. */
export function checkIndex(parts: readonly Part[]): IndexAnswer {
  const bytes = partAt(parts, INDEX);
  const index = parse(bytes);
  const others = parts.filter((part) => part.path !== INDEX);
  const expected = indexOf(others, index);
  const paths = new Set([...Object.keys(index.parts), ...Object.keys(expected.parts)]);
  const differences = [...paths].toSorted().flatMap((path) => {
    const why = differenceOf(index.parts[path], expected.parts[path]);
    return why === undefined ? [] : [{ path, why }];
  });
  const isSpelt = differences.length > 0 || Buffer.from(spelt(expected)).equals(bytes);
  const misspelt = { path: INDEX, why: 'it is not written as an export writes it' };
  return { index, name: digestOf(bytes), differences: isSpelt ? differences : [misspelt] };
}

export function partAt(parts: readonly Part[], path: string): Uint8Array {
  const found = parts.find((part) => part.path === path);
  if (found === undefined) throw unreadable('it has no index, or lacks what every evidence has', path);
  return found.bytes;
}

function indexOf(parts: readonly Part[], { service, version, without }: Named): EvidenceIndex {
  const entries = parts.map(({ path, bytes }): [string, IndexedPart] => [
    path,
    { sha256: hexOf(digestOf(bytes)), size: bytes.byteLength, mediaType: mediaTypeAt(path) ?? '' },
  ]);
  return { type: INDEX_TYPE, service, version, without, parts: Object.fromEntries(entries) };
}

function differenceOf(said: IndexedPart | undefined, found: IndexedPart | undefined): string | undefined {
  if (said === undefined) return 'the index does not know it';
  if (found === undefined) return 'it is missing';
  if (said.sha256 !== found.sha256)
    return `its bytes are others: sha256 ${found.sha256}, the index says ${said.sha256}`;
  const isSame = said.size === found.size && said.mediaType === found.mediaType;
  return isSame ? undefined : 'the index gives it another size or media type';
}

function spelt(index: EvidenceIndex): Uint8Array {
  return Buffer.from(canonicalJson(index));
}

function parse(bytes: Uint8Array): EvidenceIndex {
  const value = jsonObject(bytes) as Partial<EvidenceIndex> | undefined;
  const isWhole =
    value?.type === INDEX_TYPE &&
    isText(value.service, isName) &&
    isText(value.version, isVersion) &&
    Array.isArray(value.without) &&
    value.without.every((one) => isText(one, isName)) &&
    typeof value.parts === 'object' &&
    value.parts !== null &&
    Object.values(value.parts).every((one) => typeof one?.sha256 === 'string');
  if (isWhole) return value as EvidenceIndex;
  throw unreadable('its index is none of this format', INDEX_TYPE);
}

function isText(value: unknown, isGood: (text: string) => boolean): boolean {
  return typeof value === 'string' && isGood(value);
}
