/** Cosign 2's attestations: a DSSE envelope as layer, with certificate, log entry and timestamp in its annotations. */
import { BUNDLE_V01_MEDIA_TYPE } from '@sigstore/bundle';
import type { Candidate } from './candidates.ts';
import { isRecord, jsonObject } from '../../../content/json-object.ts';
import { type Annotations, signerIn, timestampOf } from './legacy-form.ts';
import type { Layer } from './read-candidate.ts';
import { LEGACY_CERTIFICATE, LEGACY_REKOR_BUNDLE, LEGACY_TIMESTAMP } from './wire.ts';

/** The bundle in a layer of what was found, whatever form it is kept in. */
export function bundleIn({ artefact }: Candidate, { annotations }: Layer, bytes: Uint8Array): Uint8Array | undefined {
  return artefact.form === 'bundle' ? bytes : bundleOfEnvelope(bytes, annotations);
}

/** The same facts as a bundle (JSON), so that one reader and one verifier judge both forms; undefined for what is no envelope. */
function bundleOfEnvelope(bytes: Uint8Array, annotations: Annotations): Uint8Array | undefined {
  const { payload, payloadType, signatures } = jsonObject(bytes) ?? {};
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !Array.isArray(signatures)) return undefined;
  try {
    const bundle = {
      mediaType: BUNDLE_V01_MEDIA_TYPE,
      verificationMaterial: {
        ...signerIn(annotations[LEGACY_CERTIFICATE]),
        tlogEntries: logEntriesOf(annotations[LEGACY_REKOR_BUNDLE]),
        timestampVerificationData: { rfc3161Timestamps: timestampOf(annotations[LEGACY_TIMESTAMP]) },
      },
      dsseEnvelope: { payload, payloadType, signatures: signatures.map(signatureOf) },
    };
    return Buffer.from(JSON.stringify(bundle));
  } catch {
    return undefined;
  }
}

function signatureOf(one: unknown): object {
  if (!isRecord(one)) throw new TypeError('no signature');
  return { sig: one['sig'], keyid: one['keyid'] ?? '' };
}

/** Which kind of entry it is (intoto or dsse) its own body says. */
function logEntriesOf(annotation: unknown): readonly object[] {
  if (annotation === undefined) return [];
  const bundle = jsonObject(String(annotation));
  const entry = bundle?.['Payload'];
  if (!isRecord(entry)) throw new TypeError('no Payload');
  const { kind, apiVersion } = jsonObject(Buffer.from(String(entry['body']), 'base64')) ?? {};
  return [
    {
      logIndex: String(entry['logIndex']),
      logId: { keyId: Buffer.from(String(entry['logID']), 'hex').toString('base64') },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(entry['integratedTime']),
      inclusionPromise: { signedEntryTimestamp: bundle?.['SignedEntryTimestamp'] },
      canonicalizedBody: entry['body'],
    },
  ];
}
