/** The normalised configuration: what `load` returns after schema, defaults and rules. The written form is `schema.ts`. */
import type { Rulebook } from '../domain/rulebook.ts';

export interface RegistryConnection {
  /** Registry resource name, e.g. `onestreamdev`. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  /** `<name>.azurecr.io` unless configured (host, or host:port). */
  readonly loginServer: string;
  /** Azure Resource Manager endpoint, `https://management.azure.com` unless configured (national clouds, emulator). */
  readonly resourceManager: string;
  /** PEM file of further certificate authorities. */
  readonly caFile?: string;
  /** Client id of the user-assigned identity with which the worker acts; undefined: DefaultAzureCredential decides. */
  readonly clientId?: string;
  /** Client id of the identity with which the cluster's nodes pull, if this worker may assume it. */
  readonly pullClientId?: string;
}

export type ClusterConnection =
  | { readonly kind: 'kubeconfig'; readonly path: string; readonly context?: string }
  | { readonly kind: 'aks'; readonly name: string; readonly resourceGroup: string; readonly subscription: string }
  /** In-memory cluster with simulated nodes; for trying Sluice out, refused where `lockImages` is not asked to be simulated. */
  | { readonly kind: 'simulated'; readonly stateFile?: string };

/** The time in which a signer's key or identity counts, ISO 8601; undefined: always. */
export interface Validity {
  readonly from?: string;
  /** From then on it does not. */
  readonly until?: string;
}

export type Demand = 'required' | 'off';

/** What must confirm a signature, and when it was made. */
export interface Confirmation {
  readonly transparencyLog?: Demand;
  readonly timestamp?: Demand;
}

/** A key without a root is checked by itself: nothing else is looked at. */
interface OfKey extends Validity, Confirmation {
  /** Sigstore trusted root (JSON) as text. */
  readonly trustedRoot?: string;
}

interface OfIdentity extends Validity, Confirmation {
  readonly kind: 'identity';
  readonly issuer: string;
  /** Sigstore trusted root (JSON) as text. */
  readonly trustedRoot: string;
}

export type SignatureTrust =
  | ({ readonly kind: 'key'; readonly file: string; readonly pem: string } & OfKey)
  /** A version of a key in Azure Key Vault. */
  | ({ readonly kind: 'vault'; readonly url: string } & OfKey)
  | (OfIdentity & { readonly subject: string })
  | (OfIdentity & { readonly subjectPattern: string })
  | ({ readonly kind: 'notation' } & NotationTrust & Validity);

export interface NotationTrust {
  /** `trustpolicy.json`, as text. */
  readonly trustPolicy: string;
  readonly trustStore: readonly StoredFile[];
}

/** A file of a folder that was read with the configuration. */
export interface StoredFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly base64: string;
}

/** Keys and identities by the name of the signer to whom they belong; `trust.signatures` is the signer of that name. */
export type Signers = Readonly<Record<string, readonly SignatureTrust[]>>;

/** One person; their keys and groups may stand in several places of the configuration. */
export interface KeyHolder {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly groups: readonly string[];
  /** Public keys, PEM. */
  readonly keys: readonly string[];
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly audience: string;
  readonly groupsClaim: 'groups' | 'roles';
  /** Group → what the token says for it. */
  readonly groups: Readonly<Record<string, string>>;
  /** PEM file of further certificate authorities. */
  readonly caFile?: string;
}

export type Approvers =
  /** Every name is taken on trust; for laptops. */
  | { readonly kind: 'unproven' }
  /** With neither people nor an issuer nobody can answer; then no environment asks. */
  | { readonly kind: 'proven'; readonly people: readonly KeyHolder[]; readonly identity?: IdentityProvider };

/** Where a secret is, never what it is. */
export type SecretReference =
  | { readonly kind: 'variable'; readonly name: string }
  /** Absolute path. */
  | { readonly kind: 'file'; readonly path: string };

/** Where the key is with which an environment signs its records, never what it is. */
export type RecordKey = SecretReference | { readonly kind: 'vault'; readonly url: string };

/** By what the records of an environment are verified. */
export interface RecordTrust {
  /** Absolute path. */
  readonly file: string;
  readonly pem: string;
}

export interface ReceiverConnection {
  readonly name: string;
  readonly format: 'cloudevents' | 'slack' | 'teams';
  readonly address: { readonly kind: 'url'; readonly url: string } | SecretReference;
  /** With which it is signed; only events in their own form are. */
  readonly secret?: SecretReference;
}

/** Whom an external gate of the environment asks. */
export interface CheckConnection {
  readonly gate: string;
  readonly url: string;
  readonly secret: SecretReference;
  /** One attempt's limit. */
  readonly timeoutMs: number;
}

export interface EnvironmentConnections {
  readonly registry: RegistryConnection;
  readonly cluster: ClusterConnection;
  readonly checks: readonly CheckConnection[];
  /** Undefined: it signs no records. */
  readonly recordKey?: RecordKey;
}

export interface Config {
  /** Absolute path of the file that was read. */
  readonly file: string;
  readonly rulebook: Rulebook;
  readonly environments: Readonly<Record<string, EnvironmentConnections>>;
  /** By environment: those that sign records. */
  readonly records: Readonly<Record<string, RecordTrust>>;
  readonly trust: Signers;
  /** Absolute path of the file of what is revoked; undefined: there is none. */
  readonly revokedFile?: string;
  readonly approvers: Approvers;
  readonly receivers: readonly ReceiverConnection[];
  /** Absolute folders of manifests, by service (only the client needs them). */
  readonly manifests: Readonly<Record<string, string>>;
}
