/** What one registry says of an image: its manifest and everything that refers to it, byte by byte; the layers of the image itself stay. */
import pLimit from 'p-limit';
import { canonicalJson } from '../content/canonical-json.ts';
import { jsonObject, recordOf } from '../content/json-object.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import type { Image } from '../domain/image-reference.ts';
import type { RegistryReader, StoredManifest } from '../ports/registry-reader.ts';
import { collectGraph } from '../referrers/collect.ts';
import type { Graph, GraphNode } from '../referrers/graph.ts';
import { LIMITS, LOOKS_AT_ONCE } from '../referrers/limits.ts';
import { referrersTag, tagForms } from '../referrers/tag-forms.ts';
import { EvidenceError } from './evidence-error.ts';
import { blobPath, type Part, registryPath } from './layout.ts';

/** Evidence of this release that was kept beside the image before: it would grow by itself each time. */
export const EVIDENCE_ARTEFACT = 'application/vnd.sluice.evidence.v1+tar';

export interface KeptManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Where it is known by a tag as well. */
  readonly tags?: readonly string[];
  /** Blobs that lie beside it in the archive; none for images, whose content is theirs. */
  readonly blobs: readonly Digest[];
}

/** `registries/<environment>.json`. */
export interface KeptContent {
  readonly format: 1;
  readonly environment: string;
  readonly host: string;
  readonly repository: string;
  readonly image: Digest;
  /** The image first, then in the order of their digests. */
  readonly manifests: readonly KeptManifest[];
}

export interface Wanted {
  readonly environment: string;
  readonly image: Image;
  /** Tag under which the image is known there. */
  readonly version: string;
}

/** No parts where the registry has no such image. Throws PortError where it would not say, or holds more beside the image than may travel with it. */
export async function contentParts(registry: RegistryReader, wanted: Wanted): Promise<readonly Part[]> {
  const { environment, image, version } = wanted;
  if ((await registry.manifest(image.repository, image.digest)) === undefined) return [];
  const graph = await collectGraph(registry, image);
  const tagged = await registry.manifest(image.repository, { tag: version });
  const line = pLimit(LOOKS_AT_ONCE);
  const read = await Promise.all([...graph.nodes.values()].map((node) => line(() => readNode(registry, image, node))));
  const kept = read.filter(({ stored }) => !isEvidence(stored.bytes) && !isList(graph, stored.digest));
  const manifests = kept.map(({ stored: { digest, mediaType }, blobs }) => {
    const own = digest === image.digest && tagged?.digest === digest ? [version] : [];
    return { digest, mediaType, blobs: blobs.map((one) => one.digest), tags: [...own, ...formsOf(graph, digest)] };
  });
  const content = { format: 1, environment, host: registry.host, ...image, image: image.digest, manifests } as const;
  const bytes = new Map(kept.flatMap(({ stored, blobs }) => [stored, ...blobs]).map((one) => [one.digest, one.bytes]));
  return [
    { path: registryPath(environment), bytes: speltContent(content) },
    ...[...bytes].map(([digest, one]) => ({ path: blobPath(digest), bytes: one })),
  ];
}

interface ReadNode {
  readonly stored: StoredManifest;
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

/** The content of the image itself stays where it is; so does what was kept of it before. */
async function readNode(registry: RegistryReader, { repository }: Image, node: GraphNode): Promise<ReadNode> {
  const stored = await registry.manifest(repository, node.digest);
  if (stored === undefined)
    throw new EvidenceError('evidence-incomplete', `${registry.host} has lost ${node.digest} meanwhile`, {
      remedy: 'export again; if it stays, something was deleted there, and the evidence cannot be whole any more',
    });
  if (node.part === 'image' || isEvidence(stored.bytes)) return { stored, blobs: [] };
  const blobs = blobsOf(stored.bytes).map(async (digest) => {
    return { digest, bytes: await registry.blob(repository, digest, LIMITS.referrerBytes) };
  });
  return { stored, blobs: await Promise.all(blobs) };
}

/** A list of referrers that a client keeps under a tag says nothing of its own. */
function isList({ links }: Graph, digest: Digest): boolean {
  return links.some((link) => link.how === 'tag' && link.to === digest && link.tag === referrersTag(link.from));
}

function formsOf({ links }: Graph, digest: Digest): readonly string[] {
  return links.flatMap((link) => (link.how === 'tag' && link.to === digest ? [link.tag] : []));
}

/** The one spelling of a list of content: the image first, the others in the order of their digests, and nothing else in it. */
export function speltContent({ environment, host, repository, image, manifests }: KeptContent): Uint8Array {
  const listed = manifests.map(({ digest, mediaType, blobs, tags = [] }) => {
    return { digest, mediaType, blobs, ...(tags.length === 0 ? {} : { tags: tags.toSorted() }) };
  });
  const own = listed.filter((one) => one.digest === image);
  const others = listed.filter((one) => one.digest !== image).toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const content = { format: 1, environment, host, repository, image, manifests: [...own, ...others] };
  return Buffer.from(canonicalJson(content));
}

/** What a manifest says of its own type; undefined: nothing. */
export function mediaTypeOf(manifest: Uint8Array): unknown {
  return jsonObject(manifest)?.['mediaType'];
}

/** Config and layers that a manifest names, in its order. */
export function blobsOf(manifest: Uint8Array): readonly Digest[] {
  const { config, layers } = jsonObject(manifest) ?? {};
  const named = [config, ...(Array.isArray(layers) ? (layers as unknown[]) : [])].map((one) => recordOf(one)['digest']);
  return [...new Set(named.filter((one): one is Digest => typeof one === 'string' && isDigest(one)))];
}

/** Manifests of the platforms of an index. */
export function childrenOf({ bytes }: Pick<StoredManifest, 'bytes'>): readonly Digest[] {
  const manifests = jsonObject(bytes)?.['manifests'];
  const named = (Array.isArray(manifests) ? (manifests as unknown[]) : []).map((one) => recordOf(one)['digest']);
  return named.filter((one): one is Digest => typeof one === 'string' && isDigest(one));
}

/** The tags that name what is said of an image. */
export function taggedForms(image: Digest): readonly string[] {
  return tagForms(image).filter((tag) => tag !== referrersTag(image));
}

/** What a manifest says that it refers to. */
export function subjectOf(manifest: Uint8Array): Digest | undefined {
  const { digest } = recordOf(jsonObject(manifest)?.['subject']);
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

/** As the manifest itself says: lists of referrers may leave it out. */
export function isEvidence(manifest: Uint8Array): boolean {
  return jsonObject(manifest)?.['artifactType'] === EVIDENCE_ARTEFACT;
}
