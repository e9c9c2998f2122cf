/** A Sigstore trusted root (sigstore protobuf-specs, TrustedRoot as JSON) as the TrustRoot of the policy-controller (v1alpha1, `sigstoreKeys`). */
import type { ManifestObject } from '../domain/manifest-object.ts';

interface Authority {
  readonly subject?: { readonly organization?: string; readonly commonName?: string };
  readonly uri?: string;
  readonly certChain?: { readonly certificates?: readonly { readonly rawBytes?: string }[] };
}

interface Log {
  readonly baseUrl?: string;
  readonly publicKey?: { readonly rawBytes?: string };
}

interface TrustedRoot {
  readonly certificateAuthorities?: readonly Authority[];
  readonly timestampAuthorities?: readonly Authority[];
  readonly tlogs?: readonly Log[];
  readonly ctlogs?: readonly Log[];
}

/** `text` has been read as a trusted root before. */
export function trustRoot(name: string, text: string): ManifestObject {
  const root = JSON.parse(text) as TrustedRoot;
  const keys = {
    certificateAuthorities: (root.certificateAuthorities ?? []).map(authorityOf),
    ...some('tLogs', (root.tlogs ?? []).map(logOf)),
    ...some('ctLogs', (root.ctlogs ?? []).map(logOf)),
    ...some('timestampAuthorities', (root.timestampAuthorities ?? []).map(authorityOf)),
  };
  return {
    apiVersion: 'policy.sigstore.dev/v1alpha1',
    kind: 'TrustRoot',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'sluice' } },
    spec: { sigstoreKeys: keys },
  };
}

/** The controller wants a name and an address of each, and looks at neither: it is the certificates and keys that count. */
const NAMELESS = 'not named in the trusted root';
const NOWHERE = 'https://sigstore.invalid';

function authorityOf({ subject, uri, certChain }: Authority): object {
  const certificates = certChain?.certificates ?? [];
  return {
    subject: { organization: named(subject?.organization), commonName: named(subject?.commonName) },
    uri: uri === undefined || uri === '' ? NOWHERE : uri,
    certChain: base64(certificates.map(({ rawBytes = '' }) => pem('CERTIFICATE', rawBytes)).join('')),
  };
}

function logOf({ baseUrl, publicKey }: Log): object {
  return {
    baseURL: baseUrl === undefined || baseUrl === '' ? NOWHERE : baseUrl,
    hashAlgorithm: 'sha-256',
    publicKey: base64(pem('PUBLIC KEY', publicKey?.rawBytes ?? '')),
  };
}

function named(text: string | undefined): string {
  return text === undefined || text === '' ? NAMELESS : text;
}

function some(key: string, items: readonly object[]): object {
  return items.length === 0 ? {} : { [key]: items };
}

function pem(label: string, base64Der: string): string {
  const lines =
    Buffer.from(base64Der, 'base64')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
