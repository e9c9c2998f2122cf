/** The only place of the command line that builds adapters: registry, cluster and identity provider as this machine sees them. */
import { readFile } from 'node:fs/promises';
import type { BrowserSignIn } from '../adapters/approvals/oidc/authorization-code.ts';
import type { Config, IdentityProvider } from '../config/config.ts';
import type { TrustFile } from '../config/trust-file.ts';
import { COMMON_SIGNATURES } from '../domain/proof.ts';
import { rulesFor } from '../domain/proofs-in-words.ts';
import type { EvidenceTrust } from '../evidence/trust.ts';
import type { ApprovalVerifier } from '../ports/approvals.ts';
import type { ArtefactPublisher } from '../ports/artefact-publisher.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { ClusterInventory } from '../ports/cluster-inventory.ts';
import type { ClusterSight } from '../ports/cluster-sight.ts';
import type { ExternalChecks } from '../ports/external-checks.ts';
import type { ImageLocks } from '../ports/image-locks.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { RecordSigner } from '../ports/record-signer.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures } from '../ports/signatures.ts';
import type { Digest } from '../domain/digest.ts';

export interface LocalRegistry {
  readonly reader: RegistryReader;
  readonly publisher: ArtefactPublisher;
  readonly locks: ImageLocks;
}

/**
 * With the identity of this shell or pipeline (DefaultAzureCredential), never with the worker's `clientId`.
 * The SDK is loaded here and not before: most commands need no registry.
 */
export async function localRegistry(config: Config, environment: string): Promise<LocalRegistry> {
  const connection = config.environments[environment]?.registry;
  if (connection === undefined) throw new RangeError(`no environment "${environment}"`);
  const [{ createAcr }, { acrCredential }] = await Promise.all([
    import('../adapters/registry/acr/create-acr.ts'),
    import('../adapters/registry/acr/credential.ts'),
  ]);
  const ca = connection.caFile === undefined ? undefined : await readFile(connection.caFile, 'utf8');
  return createAcr({
    loginServer: connection.loginServer,
    ca,
    credential: acrCredential(),
    resourceManager: connection.resourceManager,
    name: connection.name,
    resourceGroup: connection.resourceGroup,
    subscription: connection.subscription,
    sources: {},
  });
}

/** Who knows environments by the keys of their records; undefined: none signs any. */
export async function localRecorders(config: Config): Promise<Signatures | undefined> {
  const { recordersOf } = await import('../wiring/records.ts');
  return recordersOf(config);
}

/** With the credentials that the configuration names for this environment. */
export async function localCluster(
  config: Config,
  environment: string,
): Promise<{ readonly cluster: Cluster; readonly sight: ClusterSight; readonly inventory: ClusterInventory }> {
  const connection = config.environments[environment]?.cluster;
  if (connection === undefined || connection.kind === 'simulated')
    throw new RangeError(`"${environment}" has no real cluster`);
  const { createKubernetesCluster } = await import('../adapters/cluster/kubernetes/kubernetes-cluster.ts');
  if (connection.kind === 'kubeconfig') {
    const context = connection.context === undefined ? {} : { context: connection.context };
    return createKubernetesCluster({ kubeconfig: connection.path, ...context });
  }
  const { acrCredential } = await import('../adapters/registry/acr/credential.ts');
  const { name, resourceGroup, subscription } = connection;
  return createKubernetesCluster({ aks: { name, resourceGroup, subscription }, credential: acrCredential() });
}

/** Whatever a kubeconfig of somebody else's leads to, only to be read. */
export async function foreignInventory(kubeconfig: string, context: string | undefined): Promise<ClusterInventory> {
  const { createKubernetesCluster } = await import('../adapters/cluster/kubernetes/kubernetes-cluster.ts');
  return createKubernetesCluster({ kubeconfig, ...(context === undefined ? {} : { context }) }).inventory;
}

/** With the key of this machine's variables and files, or of a vault as this identity; undefined: it is not here. */
export async function localRecordSigner(config: Config, environment: string): Promise<RecordSigner | undefined> {
  const key = config.environments[environment]?.recordKey;
  const publicKey = config.records[environment]?.pem;
  if (key === undefined || publicKey === undefined) throw new RangeError(`"${environment}" signs no records`);
  const [{ recordSigner }, { acrCredential }, { readSecret }] = await Promise.all([
    import('../wiring/records.ts'),
    import('../adapters/registry/acr/credential.ts'),
    import('../config/secrets.ts'),
  ]);
  if (key.kind !== 'vault' && readSecret(key) === undefined) return undefined;
  return recordSigner(key, publicKey, acrCredential());
}

/** With the identity of this shell or pipeline for keys in vaults. Throws PortError for a key or root that is unusable. */
export async function localSignatures(config: Config): Promise<Signatures> {
  const [{ signaturesOf }, { acrCredential }] = await Promise.all([
    import('../wiring/signatures.ts'),
    import('../adapters/registry/acr/credential.ts'),
  ]);
  return signaturesOf(config, acrCredential());
}

/** SHA-256 over the SPKI of a key in a vault, asked with the identity of this shell or pipeline. */
export async function fingerprintInVault(url: string): Promise<Digest> {
  const [{ azureVaultKeys }, { acrCredential }, { digestOf }] = await Promise.all([
    import('../adapters/signatures/cosign/azure-vault-keys.ts'),
    import('../adapters/registry/acr/credential.ts'),
    import('../content/digest-of.ts'),
  ]);
  const { key } = await azureVaultKeys({ credential: acrCredential() })(url);
  return digestOf(key.export({ type: 'spki', format: 'der' }));
}

/** With the secrets of this machine's variables and files. */
export async function localChecks(config: Config, environment: string): Promise<ExternalChecks> {
  const [{ createHttpsChecks }, { readSecret }] = await Promise.all([
    import('../adapters/external-checks/https/create-https-checks.ts'),
    import('../config/secrets.ts'),
  ]);
  return createHttpsChecks(config.environments[environment]?.checks ?? [], { readSecret });
}

/** With the secrets of this machine's variables and files. */
export async function localNotifier({ receivers }: Config): Promise<Notifier> {
  const [{ createWebhookNotifier }, { readSecret }] = await Promise.all([
    import('../adapters/notifier/webhook/create-webhook-notifier.ts'),
    import('../config/secrets.ts'),
  ]);
  return createWebhookNotifier(receivers, { readSecret });
}

/** The issuer's word for whose key has this thumbprint, by a code that the person enters elsewhere. */
export async function deviceSignIn(
  { caFile, ...provider }: IdentityProvider,
  thumbprint: string,
  tell: (prompt: { readonly url: string; readonly code: string }) => void,
): Promise<{ readonly idToken: string; readonly subject: string; readonly expiresAt: string }> {
  const { signInByDeviceCode } = await import('../adapters/approvals/oidc/device-code.ts');
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return signInByDeviceCode({ ...provider, ...ca }, thumbprint, tell);
}

/** Signing people in by their browser; the issuer is asked at the first use. */
export async function browserSignIn({ caFile, ...provider }: IdentityProvider): Promise<BrowserSignIn> {
  const { createBrowserSignIn } = await import('../adapters/approvals/oidc/authorization-code.ts');
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return createBrowserSignIn({ ...provider, ...ca });
}

/** Verifiers of evidence: they ask nobody. */
export async function evidenceTrust(file: TrustFile): Promise<EvidenceTrust> {
  const { createCosignSignatures } = await import('../adapters/signatures/cosign/cosign-signatures.ts');
  const { signers, environments, revocations } = file;
  const revoked = async () => revocations;
  const keys = Object.entries(environments).flatMap(([name, { recordKey }]) =>
    recordKey === undefined ? [] : [[name, [{ kind: 'key' as const, ...recordKey }]] as const],
  );
  const approvals = await approvalsIn(file);
  const [{ proveImage }, { proveManifests }] = await Promise.all([
    import('../proofs/prove-image.ts'),
    import('../proofs/prove-manifests.ts'),
  ]);
  const signaturesAt = (moment: Date) => createCosignSignatures(signers, { now: () => moment, revocations: revoked });
  const named = Object.keys(environments);
  return {
    ...(named.length === 0 ? {} : { named }),
    signaturesAt,
    isNamed: (environment) => Object.hasOwn(environments, environment),
    judge: async (environment, { manifests, isRollback, ...question }) => {
      const { signatures = COMMON_SIGNATURES, statements = {}, manifests: wanted } = environments[environment] ?? {};
      const { registry, image, at } = question;
      const rules = rulesFor({ ...statements, signatures }, { rollback: isRollback });
      const known = signaturesAt(at);
      const [, ...verdicts] = (await proveImage(known, { ...question, rules })).verdicts;
      if (wanted === undefined) return verdicts;
      const artefact = { repository: image.repository, digest: manifests };
      return [...verdicts, await proveManifests(known, { registry, artefact, wanted })];
    },
    records: createCosignSignatures(Object.fromEntries(keys)),
    signedBy: (environment) => environments[environment]?.signatures ?? COMMON_SIGNATURES,
    ...(approvals === undefined ? {} : { approvals }),
    approvedBy: (environment) => environments[environment]?.approval,
    demandsRecord: (environment) => environments[environment]?.recordKey !== undefined,
  };
}

/** Undefined: names are taken on trust. */
async function approvalsIn({ approvers, issuerKeys }: TrustFile): Promise<ApprovalVerifier | undefined> {
  if (approvers.kind === 'unproven') return undefined;
  const { createKeyApprovals } = await import('../adapters/approvals/keys.ts');
  const keys = createKeyApprovals(approvers.people);
  if (approvers.identity === undefined || issuerKeys === undefined) return keys;
  const [{ createOidcApprovals }, { createAnyOfApprovals }] = await Promise.all([
    import('../adapters/approvals/oidc/create-oidc-approvals.ts'),
    import('../adapters/approvals/any-of.ts'),
  ]);
  const { caFile: _, ...provider } = approvers.identity;
  return createAnyOfApprovals({ keys, identity: createOidcApprovals({ ...provider, jwks: issuerKeys }) });
}

/** What the identity provider signs with now. */
export async function issuerKeys({ caFile, ...provider }: IdentityProvider): Promise<unknown> {
  const { openIssuer } = await import('../adapters/approvals/oidc/issuer.ts');
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return openIssuer({ ...provider, ...ca }).published();
}
