/**
 * Whose signatures an image needs, said to the sigstore policy-controller: ClusterImagePolicy (policy.sigstore.dev/v1beta1), read in its
 * version 0.13.1. Every policy that fits an image must be satisfied, by one of its authorities: "all of these signers" is a policy for
 * each, "one of these" is one for all. What the environment lists beside the released images passes: nobody was asked to sign it.
 */
import { createHash } from 'node:crypto';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { SignatureRule } from '../domain/proof.ts';
import type { PolicyGround } from './ground.ts';
import { trustRoot } from './trust-root.ts';

interface Confirmed {
  readonly transparencyLog?: 'required' | 'off';
  readonly timestamp?: 'required' | 'off';
  readonly from?: string;
  readonly until?: string;
}

/** One of a signer's keys or identities, as the configuration has it. */
export type SignerEntry =
  | ({ readonly kind: 'key'; readonly pem: string; readonly trustedRoot?: string } & Confirmed)
  | ({ readonly kind: 'vault'; readonly url: string; readonly trustedRoot?: string } & Confirmed)
  | ({
      readonly kind: 'identity';
      readonly issuer: string;
      readonly subject?: string;
      readonly subjectPattern?: string;
      readonly trustedRoot: string;
    } & Confirmed)
  | { readonly kind: 'notation' };

/** Keys and identities by the name of the signer to whom they belong. */
export type Signers = Readonly<Record<string, readonly SignerEntry[]>>;

/** The controller has no words for it; rendering the rest would have it let in less, or more, than Sluice does. */
export class CannotSay extends Error {
  readonly code = 'input-invalid';
}

/** What a signature that Cosign 3 keeps as a bundle states. */
const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** Throws {@link CannotSay}. */
export function signaturePolicies(
  ground: PolicyGround,
  { need, of }: SignatureRule,
  signers: Signers,
): readonly ManifestObject[] {
  if (of.length === 0) throw new CannotSay(`${ground.environment} names no signer`);
  const groups = need === 'all' ? of.map((name) => [name]) : [of];
  const policies = groups.map((names) => {
    const authorities = names.flatMap((name) => entriesOf(signers, name).flatMap(authoritiesOf(name)));
    return clusterImagePolicy(
      ground,
      need === 'all' ? names.join('-') : 'signers',
      repositoriesOf(ground),
      authorities,
    );
  });
  const roots = [...new Set(of.flatMap((name) => entriesOf(signers, name).flatMap(rootOf)))];
  return [...roots.map((root) => trustRoot(nameOfRoot(root), root)), ...policies, ...listed(ground)];
}

function rootOf(entry: SignerEntry): readonly string[] {
  return 'trustedRoot' in entry && entry.trustedRoot !== undefined ? [entry.trustedRoot] : [];
}

function entriesOf(signers: Signers, name: string): readonly SignerEntry[] {
  const entries = Object.hasOwn(signers, name) ? (signers[name] ?? []) : [];
  if (entries.length === 0) throw new CannotSay(`nobody is known by the name of the signer "${name}"`);
  if (entries.some(({ kind }) => kind === 'notation'))
    throw new CannotSay(`"${name}" signs with Notation, which the sigstore policy-controller does not read`);
  return entries;
}

/** In the order of the configuration; names are unique in a policy, since each has the signer's in it. */
const authoritiesOf =
  (signer: string) =>
  (entry: SignerEntry, index: number): readonly object[] => {
    if (entry.kind === 'notation') return [];
    const name = `${signer}-${index + 1}`;
    const confirmed = confirmation(signer, entry);
    if (entry.kind === 'key') {
      return [{ name, key: { data: `${entry.pem.trim()}\n`, hashAlgorithm: 'sha256' }, ...confirmed }];
    }
    if (entry.kind === 'vault')
      return [{ name, key: { kms: azureKms(entry.url), hashAlgorithm: 'sha256' }, ...confirmed }];
    const trustRootRef = nameOfRoot(entry.trustedRoot);
    const keyless = { url: fulcioOf(entry.trustedRoot), trustRootRef, identities: [identityOf(entry)] };
    const attestations = [{ name: 'signature', predicateType: SIGN_PREDICATE }];
    return [
      { name, keyless, ...confirmed },
      { name: `${name}-bundle`, keyless, ...confirmed, signatureFormat: 'bundle', attestations },
    ];
  };

/** A log entry or a timestamp; asked for a timestamp, the controller looks at no log. */
function confirmation(signer: string, entry: Exclude<SignerEntry, { kind: 'notation' }>): object {
  const { kind, trustedRoot, transparencyLog, timestamp } = entry;
  const isLogged = kind === 'identity' ? transparencyLog !== 'off' : transparencyLog === 'required';
  const isTimed = timestamp === 'required' || (kind === 'identity' && !isLogged);
  if (isLogged && isTimed)
    throw new CannotSay(`"${signer}" needs a log entry and a timestamp, of which the controller asks for one`);
  if (trustedRoot === undefined || !(isLogged || isTimed)) return {};
  const trustRootRef = nameOfRoot(trustedRoot);
  return isTimed ? { rfc3161timestamp: { trustRootRef } } : { ctlog: { trustRootRef } };
}

function identityOf(entry: SignerEntry & { readonly kind: 'identity' }): object {
  const { issuer, subject, subjectPattern } = entry;
  return { issuer, ...(subjectPattern === undefined ? { subject } : { subjectRegExp: subjectPattern }) };
}

/** `azurekms://<vault>/<key>/<version>` of `https://<vault>/keys/<key>/<version>`. */
function azureKms(url: string): string {
  const { host, pathname } = new URL(url);
  return `azurekms://${host}${pathname.replace(/^\/keys/, '').replace(/\/$/, '')}`;
}

/** The address is never asked: what is trusted is the root. The controller wants one all the same. */
function fulcioOf(trustedRoot: string): string {
  const { certificateAuthorities = [] } = JSON.parse(trustedRoot) as {
    readonly certificateAuthorities?: readonly { readonly uri?: string }[];
  };
  return (
    certificateAuthorities.find(({ uri }) => uri !== undefined && uri !== '')?.uri ?? 'https://fulcio.sigstore.dev'
  );
}

/** By its content: the same root, in however many environments of a cluster, is one object. */
function nameOfRoot(trustedRoot: string): string {
  return `sluice-${createHash('sha256').update(trustedRoot).digest('hex').slice(0, 12)}`;
}

function repositoriesOf({ registryHost, repositories }: PolicyGround): readonly string[] {
  return repositories.map((repository) => `${registryHost}/${repository}@*`);
}

/** The controller calls Docker Hub by another name. */
function listed(ground: PolicyGround): readonly ManifestObject[] {
  if (ground.images.length === 0) return [];
  const globs = ground.images.map((entry) => {
    const resolved = entry.replace(/^docker\.io\//, 'index.docker.io/');
    if (resolved.endsWith('/*')) return `${resolved}*`;
    return resolved.includes('@') ? resolved : `${resolved}@*`;
  });
  return [clusterImagePolicy(ground, 'listed', globs, [{ name: 'listed', static: { action: 'pass' } }])];
}

function clusterImagePolicy(
  { environment }: PolicyGround,
  which: string,
  globs: readonly string[],
  authorities: readonly object[],
): ManifestObject {
  return {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: `sluice-${environment}-${which}`, labels: { 'app.kubernetes.io/managed-by': 'sluice' } },
    spec: { mode: 'enforce', images: globs.map((glob) => ({ glob })), authorities },
  };
}
