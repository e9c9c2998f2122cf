/** A whole Sigstore in this process: certificate authority, certificate log, transparency log, timestamp authority, and signing with them. */
import { type KeyObject, X509Certificate, createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  type HandlerFn,
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
} from '@sigstore/mock';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { UnsecuredJWT } from 'jose';
import type { Digest } from '../../../src/domain/digest.ts';
import {
  PAYLOAD_TYPE,
  bundleOf,
  bundleReferrer,
  json,
  legacyManifest,
  signDsse,
  simpleSigning,
  statementAbout,
  type TestKey,
} from '../../ports/signatures/signing.ts';
import type { Pushed } from '../../ports/signatures/test-registry.ts';

export interface Sigstore {
  /** JSON, as `trustedRoot` of an identity: with a log, without timestamp authority. */
  readonly trustedRoot: string;
  /** The same with a timestamp authority, and that without the log. */
  readonly rootWithTimestamps: string;
  readonly rootOfTimestamps: string;
  /** A certificate for a new key, as Fulcio gives it to whoever proves to be `subject`. */
  certify(issuer: string, subject: string): Promise<Certified>;
  signBundle(by: Certified, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
  signLegacy(by: Certified, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
  /** The same by a bare key, in both forms; only the bundle can have a timestamp. */
  signWithKey(key: TestKey, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
  signLegacyWithKey(key: TestKey, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
}

export interface Certified {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

export interface KeylessChanges {
  /** What is stated about the image instead of a signature. */
  readonly attested?: { readonly predicateType: string; readonly predicate: object };
  /** Entry of the transparency log to use instead of the signature's own. */
  readonly entry?: LogEntry;
  readonly withoutEntry?: boolean;
  /** When the timestamp authority says that it was signed; undefined: it is not asked. */
  readonly stampedAt?: Date;
  /** What the log said is changed by this before it goes into the signature. */
  readonly alter?: (entry: LogEntry) => LogEntry;
}

export interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
      readonly hashes: readonly string[];
      readonly checkpoint: string;
    };
  };
}

const SHA256 = '2.16.840.1.101.3.4.2.1';
const TSA_POLICY = '1.3.6.1.4.1.57264.2';

export async function startSigstore(): Promise<Sigstore> {
  const pair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const ctlog = await initializeCTLog(pair('P-256'));
  const ca = await initializeCA(pair('P-384'), ctlog);
  const tlog = await initializeTLog('https://rekor.test', pair('P-256'));
  const fulcio = fulcioHandler(ca);
  const rekor = rekorHandler(tlog);
  const tsa = await initializeTSA(pair('P-384'));

  async function certify(issuer: string, subject: string): Promise<Certified> {
    const { privateKey, publicKey } = pair('P-256');
    const token = new UnsecuredJWT({ iss: issuer, sub: subject }).encode();
    const content = publicKey.export({ type: 'spki', format: 'pem' });
    const request = { credentials: { oidcIdentityToken: token }, publicKeyRequest: { publicKey: { content } } };
    const answer = await answerOf(fulcio.fn(JSON.stringify(request)));
    const { chain } = answer['signedCertificateEmbeddedSct'] as { chain: { certificates: string[] } };
    return { certificate: new X509Certificate(chain.certificates[0]!), privateKey };
  }

  async function logged(entry: object): Promise<LogEntry> {
    const answer = await answerOf(rekor.fn(JSON.stringify(entry)));
    return Object.values(answer)[0] as LogEntry;
  }

  async function stamped(signature: Buffer, { stampedAt }: KeylessChanges): Promise<object> {
    if (stampedAt === undefined) return {};
    // its clock is set for each: another authority would have another certificate
    const seconds = new Date(Math.floor(stampedAt.getTime() / 1_000) * 1_000);
    const at = Object.assign(tsa, { getCurrentTime: () => seconds });
    const artifactHash = createHash('sha256').update(signature).digest();
    const answer = await at.timestamp({ artifactHash, hashAlgorithmOID: SHA256, nonce: 1, policyOID: TSA_POLICY });
    const signedTimestamp = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength).toString('base64');
    return { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] } };
  }

  /** A bundle whose signer is named by `who`, with what log and timestamp authority say of it. */
  async function bundled(
    who: object,
    verifier: string,
    privateKey: KeyObject,
    image: Digest,
    changes: KeylessChanges,
  ): Promise<Pushed> {
    const statement = { ...statementAbout(image), ...changes.attested };
    const payload = json(statement);
    const signature = signDsse(privateKey, payload);
    const entry = await chosen(changes, () => logged(dsseEntry(payload, signature, verifier)));
    const tlogEntries = entry === undefined ? [] : [bundleEntry(entry, 'dsse')];
    const material = { ...who, tlogEntries, ...(await stamped(signature, changes)) };
    const annotations = { 'dev.sigstore.bundle.predicateType': statement['predicateType'] };
    return bundleReferrer(image, json(bundleOf(image, privateKey, { statement, signature, material })), {
      annotations,
    });
  }

  /** The same in the legacy form. */
  async function layered(
    who: Record<string, string>,
    verifier: string,
    privateKey: KeyObject,
    image: Digest,
    changes: KeylessChanges,
  ): Promise<Pushed> {
    const payload = json(simpleSigning(image));
    const signature = sign('sha256', payload, privateKey);
    const entry = await chosen(changes, () => logged(hashedEntry(payload, signature, verifier)));
    const annotations = {
      ...who,
      'dev.cosignproject.cosign/signature': signature.toString('base64'),
      ...(entry && { 'dev.sigstore.cosign/bundle': JSON.stringify(legacyEntry(entry)) }),
    };
    return legacyManifest(image, [{ payload, annotations }]);
  }

  const authority = Buffer.from(ca.rootCertificate.buffer);
  const stamps = [Buffer.from(tsa.intCertificate.buffer), Buffer.from(tsa.rootCertificate.buffer)];
  return {
    trustedRoot: JSON.stringify(rootOf(authority, [tlog.publicKey], ctlog.publicKey, [])),
    rootWithTimestamps: JSON.stringify(rootOf(authority, [tlog.publicKey], ctlog.publicKey, stamps)),
    rootOfTimestamps: JSON.stringify(rootOf(authority, [], ctlog.publicKey, stamps)),
    certify,
    signBundle({ certificate, privateKey }, image, changes = {}) {
      const who = { certificate: { rawBytes: certificate.raw.toString('base64') } };
      return bundled(who, verifierOf(certificate), privateKey, image, changes);
    },
    signWithKey({ privateKey, pem }, image, changes = {}) {
      return bundled({ publicKey: { hint: 'anything' } }, base64(pem), privateKey, image, changes);
    },
    signLegacy({ certificate, privateKey }, image, changes = {}) {
      const own = { 'dev.sigstore.cosign/certificate': certificate.toString() };
      return layered(own, verifierOf(certificate), privateKey, image, changes);
    },
    signLegacyWithKey({ privateKey, pem }, image, changes = {}) {
      return layered({}, base64(pem), privateKey, image, changes);
    },
  };
}

async function chosen(changes: KeylessChanges, own: () => Promise<LogEntry>): Promise<LogEntry | undefined> {
  if (changes.withoutEntry === true) return undefined;
  const entry = changes.entry ?? (await own());
  return changes.alter === undefined ? entry : changes.alter(entry);
}

/** Rekor's type dsse 0.0.1 in its canonical form. */
function dsseEntry(payload: Buffer, signature: Buffer, verifier: string): object {
  const envelope = json({ payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE });
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(envelope) },
      payloadHash: { algorithm: 'sha256', value: sha256(payload) },
      signatures: [{ signature: signature.toString('base64'), verifier }],
    },
  };
}

/** Rekor's type hashedrekord 0.0.1. */
function hashedEntry(payload: Buffer, signature: Buffer, verifier: string): object {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: sha256(payload) } },
      signature: { content: signature.toString('base64'), publicKey: { content: verifier } },
    },
  };
}

/** As `tlogEntries[]` of a bundle. */
function bundleEntry(entry: LogEntry, kind: string): object {
  const { signedEntryTimestamp, inclusionProof } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
    kindVersion: { kind, version: '0.0.1' },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
      treeSize: String(inclusionProof.treeSize),
      hashes: inclusionProof.hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64')),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: entry.body,
  };
}

/** As Cosign 2 keeps it in an annotation. */
function legacyEntry({ body, integratedTime, logID, logIndex, verification }: LogEntry): object {
  return {
    SignedEntryTimestamp: verification.signedEntryTimestamp,
    Payload: { body, integratedTime, logIndex, logID },
  };
}

function rootOf(ca: Buffer, tlogKeys: readonly Buffer[], ctlogKey: Buffer, stamps: readonly Buffer[]): unknown {
  const since = { start: new Date(Date.now() - 60_000).toISOString() };
  const log = (url: string, key: Buffer): object => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: key.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: since },
    logId: { keyId: createHash('sha256').update(key).digest('base64') },
  });
  const root = TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: tlogKeys.map((key) => log('https://rekor.test', key)),
    ctlogs: [log('https://ctlog.test', ctlogKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.test',
        certChain: { certificates: [{ rawBytes: ca.toString('base64') }] },
        validFor: since,
      },
    ],
    timestampAuthorities: stamps.length === 0 ? [] : [authorityOf(stamps, since)],
  });
  return TrustedRoot.toJSON(root);
}

function authorityOf(chain: readonly Buffer[], validFor: object): object {
  return {
    subject: { organization: 'sigstore.mock', commonName: 'tsa' },
    uri: 'https://tsa.test',
    certChain: { certificates: chain.map((one) => ({ rawBytes: one.toString('base64') })) },
    validFor,
  };
}

async function answerOf(result: ReturnType<HandlerFn>): Promise<Record<string, unknown>> {
  const { statusCode, response } = await result;
  if (statusCode !== 201) throw new Error(String(response));
  return JSON.parse(String(response)) as Record<string, unknown>;
}

function verifierOf(certificate: X509Certificate): string {
  return base64(certificate.toString());
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
