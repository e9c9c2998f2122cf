/** Cosign 3: a Sigstore bundle whose DSSE envelope holds an in-toto statement about the image. */
import {
  type Bundle,
  bundleFromJSON,
  type BundleWithDsseEnvelope,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
} from '@sigstore/bundle';
import { preAuthEncoding } from '../../../content/dsse.ts';
import { type Digest, hexOf } from '../../../domain/digest.ts';
import { isRecord, jsonObject } from '../../../content/json-object.ts';
import { bad, type Claim, type Reading } from './claim.ts';
import { IN_TOTO_PAYLOAD, SIGN_PREDICATE, STATEMENT, STATEMENTS } from './wire.ts';

export function readBundle(bytes: Uint8Array, image: Digest): Reading {
  const opened = open(bytes);
  if (typeof opened === 'string') return bad(opened);
  const { bundle, statement } = opened;
  if (statement?.['_type'] !== STATEMENT) return bad('the payload is not an in-toto statement, version 1');
  if (statement['predicateType'] !== SIGN_PREDICATE) return { kind: 'no-signature' };
  if (!namesImage(statement['subject'], image))
    return bad('signed another image: no subject of the statement is this digest', 'other-image');
  const claim = claimOf(bundle);
  return claim === undefined ? bad('expected one signature in the envelope') : { kind: 'claim', claim };
}

export interface Attested {
  readonly claim: Claim;
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** Undefined for what is no statement of these types about this image. Nothing in it is trusted yet. */
export function readAttestation(
  bytes: Uint8Array,
  image: Digest,
  predicateTypes: readonly string[],
): Attested | undefined {
  const opened = open(bytes);
  if (typeof opened === 'string') return undefined;
  const { bundle, statement = {} } = opened;
  const { _type, predicateType, subject } = statement;
  const predicate = predicateOf(statement);
  if (!STATEMENTS.includes(_type) || predicate === undefined || !namesImage(subject, image)) return undefined;
  const known = predicateTypes.find((one) => one === predicateType);
  const claim = claimOf(bundle);
  return known === undefined || claim === undefined ? undefined : { claim, predicateType: known, predicate };
}

/** What a bundle says that it is, whoever made it; a text says why it is no statement. */
export function lookInto(
  bytes: Uint8Array,
  image: Digest,
): { readonly predicateType: string; readonly isOfImage: boolean; readonly claim: Claim } | string {
  const opened = open(bytes);
  if (typeof opened === 'string') return opened;
  const { bundle, statement = {} } = opened;
  const { _type, predicateType, subject } = statement;
  const claim = claimOf(bundle);
  if (!STATEMENTS.includes(_type) || typeof predicateType !== 'string') return 'the payload is no in-toto statement';
  if (predicateOf(statement) === undefined) return 'the predicate is neither an object nor a text';
  return claim === undefined
    ? 'expected one signature in the envelope'
    : { predicateType, isOfImage: namesImage(subject, image), claim };
}

/** A text is wrapped as Cosign wraps one: it attests what is no JSON as it is. */
function predicateOf({ predicate }: Readonly<Record<string, unknown>>): Attested['predicate'] | undefined {
  if (typeof predicate === 'string') return { Data: predicate };
  return isRecord(predicate) ? predicate : undefined;
}

interface Opened {
  readonly bundle: BundleWithDsseEnvelope;
  readonly statement: Readonly<Record<string, unknown>> | undefined;
}

/** A text says what is wrong with it. */
function open(bytes: Uint8Array): Opened | string {
  const bundle = parse(bytes);
  if (bundle === undefined) return 'not a valid Sigstore bundle';
  if (!isBundleWithDsseEnvelope(bundle)) return 'the bundle holds no DSSE envelope';
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== IN_TOTO_PAYLOAD) return `the payload is ${JSON.stringify(payloadType)}, not an in-toto statement`;
  return { bundle, statement: jsonObject(payload) };
}

/** Undefined when the envelope does not hold exactly one signature. */
function claimOf(bundle: BundleWithDsseEnvelope): Claim | undefined {
  const { payload, payloadType, signatures } = bundle.content.dsseEnvelope;
  const signature = signatures[0]?.sig;
  if (signatures.length !== 1 || signature === undefined) return undefined;
  return {
    signed: preAuthEncoding(payloadType, payload),
    signature,
    bundle,
    certified: !isBundleWithPublicKey(bundle),
  };
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
