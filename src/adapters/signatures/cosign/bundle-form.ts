/** Cosign 3: a Sigstore bundle whose DSSE envelope holds an in-toto statement about the image. */
import { type Bundle, bundleFromJSON, isBundleWithDsseEnvelope, isBundleWithPublicKey } from '@sigstore/bundle';
import { type Digest, hexOf } from '../../../domain/digest.ts';
import { bad, isRecord, jsonObject, type Reading } from './claim.ts';
import { IN_TOTO_PAYLOAD, SIGN_PREDICATE, STATEMENT } from './wire.ts';

export function readBundle(bytes: Uint8Array, image: Digest): Reading {
  const bundle = parse(bytes);
  if (bundle === undefined) return bad('not a valid Sigstore bundle');
  if (!isBundleWithDsseEnvelope(bundle)) return bad('the bundle holds no DSSE envelope');
  const { payload, payloadType, signatures } = bundle.content.dsseEnvelope;
  if (payloadType !== IN_TOTO_PAYLOAD)
    return bad(`the payload is ${JSON.stringify(payloadType)}, not an in-toto statement`);
  const statement = jsonObject(payload);
  if (statement?.['_type'] !== STATEMENT) return bad('the payload is not an in-toto statement, version 1');
  if (statement['predicateType'] !== SIGN_PREDICATE) return { kind: 'no-signature' };
  if (!namesImage(statement['subject'], image))
    return bad('signed another image: no subject of the statement is this digest');
  const signature = signatures[0]?.sig;
  if (signatures.length !== 1 || signature === undefined) return bad('expected one signature in the envelope');
  const claim = { signed: preAuthEncoding(payloadType, payload), signature };
  return { kind: 'claim', claim: isBundleWithPublicKey(bundle) ? claim : { ...claim, certified: { bundle } } };
}

function parse(bytes: Uint8Array): Bundle | undefined {
  try {
    return bundleFromJSON(jsonObject(bytes));
  } catch {
    return undefined;
  }
}

function namesImage(subjects: unknown, image: Digest): boolean {
  if (!Array.isArray(subjects)) return false;
  return subjects.some((subject: unknown) => {
    const digest = isRecord(subject) ? subject['digest'] : undefined;
    return isRecord(digest) && digest['sha256'] === hexOf(image);
  });
}

/** DSSE 1.0, "Signature definition": what an envelope's signature is over. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const typeLength = Buffer.byteLength(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${typeLength} ${payloadType} ${payload.byteLength} `), payload]);
}
