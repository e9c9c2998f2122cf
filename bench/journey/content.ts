/** What each service releases: the same bytes in every process, so that client and worker agree without talking. */
import { digestOf } from '../../src/content/digest-of.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { MANIFEST_MEDIA_TYPE, type PackedManifests, packManifests } from '../../src/manifests/artefact.ts';
import { serviceName } from './setting.ts';

export interface Content {
  readonly service: string;
  readonly image: Digest;
  readonly manifests: Digest;
}

export interface PackedContent {
  readonly service: string;
  readonly image: { readonly manifest: Uint8Array; readonly digest: Digest; readonly blobs: readonly Uint8Array[] };
  readonly manifests: PackedManifests;
}

export async function contentOf(path: readonly string[], index: number): Promise<Content> {
  const { service, image, manifests } = await packedContent(path, index);
  return { service, image: image.digest, manifests: manifests.manifestDigest };
}

export async function packedContent(path: readonly string[], index: number): Promise<PackedContent> {
  const service = serviceName(index);
  const config = utf8(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { service } } }));
  const layer = utf8(`the only layer of ${service}`);
  const manifest = utf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_MEDIA_TYPE,
      config: descriptor('application/vnd.oci.image.config.v1+json', config),
      layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
    }),
  );
  const digest = digestOf(manifest);
  const files = path.map((environment) => ({ path: `${environment}/app.yaml`, bytes: utf8(yamlOf(service)) }));
  const subject = { digest, mediaType: MANIFEST_MEDIA_TYPE, size: manifest.byteLength };
  const manifests = await packManifests(files, subject);
  return { service, image: { manifest, digest, blobs: [config, layer] }, manifests };
}

function descriptor(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text);
}

function yamlOf(service: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${service} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${service} } }
  template:
    metadata: { labels: { app: ${service} } }
    spec:
      containers: [{ name: app, image: ${service}, ports: [{ containerPort: 8080 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: ${service} }
spec: { type: LoadBalancer, selector: { app: ${service} }, ports: [{ port: 8080 }] }
`;
}
