/** Records as `/acr/v1` shows them (azure-rest-api-specs, containerregistry data plane 2021-07-01). */
import type { Attributes, ManifestRecord, RepositoryRecord, TagRecord } from '../store/repository-record.ts';

export function showRepository(registry: string, record: RepositoryRecord): unknown {
  return {
    registry,
    imageName: record.name,
    createdTime: record.createdTime,
    lastUpdateTime: record.lastUpdateTime,
    manifestCount: Object.keys(record.manifests).length,
    tagCount: Object.keys(record.tags).length,
    changeableAttributes: showAttributes(record.attributes),
  };
}

export function showTag(tag: TagRecord): unknown {
  return {
    name: tag.name,
    digest: tag.digest,
    createdTime: tag.createdTime,
    lastUpdateTime: tag.lastUpdateTime,
    // ACR says so whatever Cosign or Notation signed; it means Docker content trust.
    signed: false,
    changeableAttributes: showAttributes(tag.attributes),
  };
}

export function showManifest(manifest: ManifestRecord, tags: readonly TagRecord[]): unknown {
  const references = manifest.references?.map(({ digest, platform }) => ({
    digest,
    ...(platform?.architecture === undefined ? {} : { architecture: platform.architecture }),
    ...(platform?.os === undefined ? {} : { os: platform.os }),
  }));
  return {
    digest: manifest.digest,
    imageSize: manifest.imageSize,
    createdTime: manifest.createdTime,
    lastUpdateTime: manifest.lastUpdateTime,
    mediaType: manifest.mediaType,
    ...(manifest.architecture === undefined ? {} : { architecture: manifest.architecture }),
    ...(manifest.os === undefined ? {} : { os: manifest.os }),
    ...(manifest.configMediaType === undefined ? {} : { configMediaType: manifest.configMediaType }),
    ...(tags.length === 0 ? {} : { tags: tags.map(({ name }) => name).sort() }),
    ...(references === undefined ? {} : { references }),
    changeableAttributes: showAttributes(manifest.attributes),
  };
}

function showAttributes({ deleteEnabled, writeEnabled, readEnabled, listEnabled }: Attributes): Attributes {
  return { deleteEnabled, writeEnabled, readEnabled, listEnabled };
}
