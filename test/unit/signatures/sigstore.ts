/** A whole Sigstore in this process: certificate authority, certificate log, transparency log, and signing with them. */
import { type KeyObject, X509Certificate, createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  type HandlerFn,
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
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
} from '../../ports/signatures/signing.ts';
import type { Pushed } from '../../ports/signatures/test-registry.ts';

export interface Sigstore {
  /** JSON, as `trustedRoot` of an identity. */
  readonly trustedRoot: string;
  /** A certificate for a new key, as Fulcio gives it to whoever proves to be `subject`. */
  certify(issuer: string, subject: string): Promise<Certified>;
  signBundle(by: Certified, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
  signLegacy(by: Certified, image: Digest, changes?: KeylessChanges): Promise<Pushed>;
}

export interface Certified {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

export interface KeylessChanges {
  /** Entry of the transparency log to use instead of the signature's own. */
  readonly entry?: LogEntry;
  readonly withoutEntry?: boolean;
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

export async function startSigstore(): Promise<Sigstore> {
  const pair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const ctlog = await initializeCTLog(pair('P-256'));
  const ca = await initializeCA(pair('P-384'), ctlog);
  const tlog = await initializeTLog('https://rekor.test', pair('P-256'));
  const fulcio = fulcioHandler(ca);
  const rekor = rekorHandler(tlog);

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

  return {
    trustedRoot: JSON.stringify(rootOf(Buffer.from(ca.rootCertificate.buffer), tlog.publicKey, ctlog.publicKey)),
    certify,
    async signBundle(by, image, changes = {}) {
      const payload = json(statementAbout(image));
      const signature = signDsse(by.privateKey, payload);
      const entry = await chosen(changes, () => logged(dsseEntry(payload, signature, by.certificate)));
      const material = {
        certificate: { rawBytes: by.certificate.raw.toString('base64') },
        tlogEntries: entry === undefined ? [] : [bundleEntry(entry, 'dsse')],
      };
      return bundleReferrer(image, json(bundleOf(image, by.privateKey, { signature, material })));
    },
    async signLegacy(by, image, changes = {}) {
      const payload = json(simpleSigning(image));
      const signature = sign('sha256', payload, by.privateKey);
      const entry = await chosen(changes, () => logged(hashedEntry(payload, signature, by.certificate)));
      const annotations = {
        'dev.cosignproject.cosign/signature': signature.toString('base64'),
        'dev.sigstore.cosign/certificate': by.certificate.toString(),
        ...(entry && { 'dev.sigstore.cosign/bundle': JSON.stringify(legacyEntry(entry)) }),
      };
      return legacyManifest(image, [{ payload, annotations }]);
    },
  };
}

async function chosen(changes: KeylessChanges, own: () => Promise<LogEntry>): Promise<LogEntry | undefined> {
  if (changes.withoutEntry === true) return undefined;
  const entry = changes.entry ?? (await own());
  return changes.alter === undefined ? entry : changes.alter(entry);
}

/** Rekor's type dsse 0.0.1 in its canonical form. */
function dsseEntry(payload: Buffer, signature: Buffer, certificate: X509Certificate): object {
  const envelope = json({ payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE });
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(envelope) },
      payloadHash: { algorithm: 'sha256', value: sha256(payload) },
      signatures: [{ signature: signature.toString('base64'), verifier: verifierOf(certificate) }],
    },
  };
}

/** Rekor's type hashedrekord 0.0.1. */
function hashedEntry(payload: Buffer, signature: Buffer, certificate: X509Certificate): object {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: sha256(payload) } },
      signature: { content: signature.toString('base64'), publicKey: { content: verifierOf(certificate) } },
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

function rootOf(ca: Buffer, tlogKey: Buffer, ctlogKey: Buffer): unknown {
  const since = { start: new Date(Date.now() - 60_000).toISOString() };
  const log = (url: string, key: Buffer): object => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: key.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: since },
    logId: { keyId: createHash('sha256').update(key).digest('base64') },
  });
  const root = TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log('https://rekor.test', tlogKey)],
    ctlogs: [log('https://ctlog.test', ctlogKey)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.test',
        certChain: { certificates: [{ rawBytes: ca.toString('base64') }] },
        validFor: since,
      },
    ],
    timestampAuthorities: [],
  });
  return TrustedRoot.toJSON(root);
}

async function answerOf(result: ReturnType<HandlerFn>): Promise<Record<string, unknown>> {
  const { statusCode, response } = await result;
  if (statusCode !== 201) throw new Error(String(response));
  return JSON.parse(String(response)) as Record<string, unknown>;
}

function verifierOf(certificate: X509Certificate): string {
  return Buffer.from(certificate.toString()).toString('base64');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
