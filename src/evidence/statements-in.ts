/** Which in-toto statements lie beside an image, whoever has signed them (DSSE envelopes in Sigstore bundles). Nothing in them is trusted here. */
import { jsonObject, recordOf } from '../content/json-object.ts';
import type { Digest } from '../domain/digest.ts';
import type { KeptRegistry } from './kept-registry.ts';

/** A signature is a statement too (sigstore/cosign, specs/BUNDLE_SPEC.md), and no attestation. */
export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

export interface KeptStatement {
  /** The manifest that holds it. */
  readonly artefact: Digest;
  readonly predicateType: string;
}

/** Bytes of one bundle: more than the largest attestation that the engine reads. */
const LARGEST = 4 * 1024 * 1024;

export async function statementsIn({ content, reader }: KeptRegistry): Promise<readonly KeptStatement[]> {
  const found: KeptStatement[] = [];
  for (const { digest: artefact, blobs } of content.manifests) {
    for (const blob of blobs) {
      const bytes = await reader.blob(content.repository, blob, LARGEST).catch(() => undefined);
      const predicateType = bytes === undefined ? undefined : predicateTypeOf(bytes);
      if (predicateType !== undefined) found.push({ artefact, predicateType });
    }
  }
  return found;
}

function predicateTypeOf(bytes: Uint8Array): string | undefined {
  const { payload } = recordOf(jsonObject(bytes)?.['dsseEnvelope']);
  if (typeof payload !== 'string') return undefined;
  const predicateType = jsonObject(Buffer.from(payload, 'base64'))?.['predicateType'];
  return typeof predicateType === 'string' ? predicateType : undefined;
}
