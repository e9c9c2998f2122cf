/** The emulator's own certificate authority (one per data folder) and a fresh server certificate for each start. */
import 'reflect-metadata';
import { webcrypto, type webcrypto as WebCrypto } from 'node:crypto';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { readOrCreateJson, writeFileAtomically } from './store/write-file.ts';

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
  /** PEM file of the authority, for clients to trust. */
  readonly caFile: string;
}

interface StoredAuthority {
  readonly certificate: string;
  /** PKCS #8, PEM. */
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
/** Apple's clients refuse server certificates that live longer than 825 days. */
const SERVER_DAYS = 397;

/**
 * Loads or creates the authority of the folder and issues a certificate for the names and addresses.
 * Writes `ca.pem` (public) and `ca.json` (with the private key), both for the owner only.
 */
export async function issueCertificate(dir: string, names: readonly string[]): Promise<ServerCertificate> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const stored = await readOrCreateJson(join(dir, 'ca.json'), createAuthority);
  const caFile = join(dir, 'ca.pem');
  writeFileAtomically(caFile, `${stored.certificate}\n`);

  const authority = new x509.X509Certificate(stored.certificate);
  const authorityKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decode(stored.key)[0] as ArrayBuffer,
    ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: 'CN=Sluice ACR emulator',
    issuer: authority.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + SERVER_DAYS * DAY),
    publicKey: keys.publicKey,
    signingKey: authorityKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await privateKeyPem(keys.privateKey), cert: `${certificate.toString('pem')}\n`, caFile };
}

async function createAuthority(): Promise<StoredAuthority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: 'CN=Sluice local certificate authority',
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) };
}

function generateKeys(): Promise<WebCrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyPem(key: WebCrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** 16 random bytes, positive as RFC 5280 wants it. */
function randomSerial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function alternativeName(name: string): x509.JsonGeneralName {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}
