/** Cosign 2: a simple-signing payload as layer, the signature (and certificate, log entry, timestamp) in its annotations. */
import { X509Certificate, createHash } from 'node:crypto';
import { type Bundle, BUNDLE_V01_MEDIA_TYPE, bundleFromJSON } from '@sigstore/bundle';
import type { Digest } from '../../../domain/digest.ts';
import { isRecord, jsonObject } from '../../../content/json-object.ts';
import { bad, type Reading, strictBase64 } from './claim.ts';
import {
  LEGACY_CERTIFICATE,
  LEGACY_REKOR_BUNDLE,
  LEGACY_SIGNATURE,
  LEGACY_TIMESTAMP,
  SIMPLE_SIGNING_TYPE,
} from './wire.ts';

export type Annotations = Readonly<Record<string, unknown>>;

export function readLegacy(payload: Uint8Array, annotations: Annotations, image: Digest): Reading {
  const signature = strictBase64(annotations[LEGACY_SIGNATURE]);
  if (signature === undefined) return bad(`no base64 signature in the annotation ${LEGACY_SIGNATURE}`);
  const critical = jsonObject(payload)?.['critical'];
  if (!isRecord(critical) || critical['type'] !== SIMPLE_SIGNING_TYPE)
    return bad('the payload is not a Cosign signature');
  const named = isRecord(critical['image']) ? critical['image']['docker-manifest-digest'] : undefined;
  if (named !== image) return bad(`signed another image: ${JSON.stringify(named)?.slice(0, 100)}`, 'other-image');
  const certified = annotations[LEGACY_CERTIFICATE] !== undefined;
  // what is beside a key's signature is looked at only where an entry demands it, and then it is missing
  const bundle =
    toBundle(payload, signature, annotations) ?? (certified ? undefined : toBundle(payload, signature, {}));
  if (bundle === undefined) return bad('the certificate, log entry or timestamp in the annotations is malformed');
  return { kind: 'claim', claim: { signed: payload, signature, bundle, artefact: payload, certified } };
}

/** The same facts as a bundle, so that one verifier judges both forms. */
function toBundle(payload: Uint8Array, signature: Uint8Array, annotations: Annotations): Bundle | undefined {
  try {
    const timestamp = timestampOf(annotations[LEGACY_TIMESTAMP]);
    return bundleFromJSON({
      mediaType: BUNDLE_V01_MEDIA_TYPE,
      verificationMaterial: {
        ...signerIn(annotations[LEGACY_CERTIFICATE]),
        tlogEntries: logEntriesOf(annotations[LEGACY_REKOR_BUNDLE]),
        timestampVerificationData: { rfc3161Timestamps: timestamp },
      },
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: createHash('sha256').update(payload).digest('base64') },
        signature: Buffer.from(signature).toString('base64'),
      },
    });
  } catch {
    return undefined;
  }
}

export function signerIn(certificate: unknown): object {
  if (certificate === undefined) return { publicKey: { hint: '' } };
  const rawBytes = new X509Certificate(String(certificate)).raw.toString('base64');
  return { x509CertificateChain: { certificates: [{ rawBytes }] } };
}

/** The annotation holds Rekor's signed entry timestamp; its entry is always a hashedrekord 0.0.1 (checked by the verifier). */
function logEntriesOf(annotation: unknown): readonly object[] {
  if (annotation === undefined) return [];
  const bundle = jsonObject(String(annotation));
  const entry = bundle?.['Payload'];
  if (!isRecord(entry)) throw new TypeError('no Payload');
  return [
    {
      logIndex: String(entry['logIndex']),
      logId: { keyId: Buffer.from(String(entry['logID']), 'hex').toString('base64') },
      kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
      integratedTime: String(entry['integratedTime']),
      inclusionPromise: { signedEntryTimestamp: bundle?.['SignedEntryTimestamp'] },
      canonicalizedBody: entry['body'],
    },
  ];
}

export function timestampOf(annotation: unknown): readonly object[] {
  if (annotation === undefined) return [];
  return [{ signedTimestamp: jsonObject(String(annotation))?.['SignedRFC3161Timestamp'] }];
}
