/** Registries. */
export const REGISTRY_ERRORS = {
  'registry-unreachable': {
    cause:
      'The registry, its token endpoint or Azure Resource Manager cannot be reached: name, network, proxy or certificate.',
    remedy: 'Check loginServer, endpoint and ca in sluice.yaml, and the network; it is tried again by itself.',
  },
  'registry-unauthorized': {
    cause: 'The registry does not accept the identity: no token, an expired one, or one of another tenant.',
    remedy: 'Log in (az login), or check clientId and the managed identity of the worker.',
  },
  'registry-forbidden': {
    cause: 'The identity is known and lacks a role on the registry. The message names the role and the scope.',
    remedy: 'Have the role assigned, wait a minute, and say "sluice retry".',
  },
  'registry-throttled': {
    cause: 'The registry asks for fewer requests (429).',
    remedy: 'Nothing: it is tried again after the time that the registry names.',
  },
  'registry-failing': {
    cause: 'The registry answers with an error of its own (5xx).',
    remedy: 'Nothing at first: it is tried again. If it stays, look at the status of Azure.',
  },
  'registry-protocol': {
    cause: 'The answer is not what the distribution specification says: a proxy in between, or another product.',
    remedy: 'Check that loginServer is the registry itself.',
  },
  'manifest-unknown': {
    cause: 'A manifest that was there is gone.',
    remedy: 'Find out who deleted it (activity log of the registry); lockImages prevents it.',
  },
  'blob-unknown': {
    cause: 'A layer or configuration that the manifest names is gone, or the import did not bring it.',
    remedy: 'Push or import the image again, then "sluice retry".',
  },
  'digest-mismatch': {
    cause: 'What the registry delivered does not hash to the digest that was asked for.',
    remedy: 'Do not deploy it. Treat the registry, or what lies between, as broken or hostile until explained.',
  },
  'tag-conflict': {
    cause: 'The destination has this version as a tag of another digest. Sluice never moves a tag.',
    remedy: 'Give the new content a new version, or remove the wrong tag if nothing uses it.',
  },
  'image-locked': {
    cause: 'The image is locked, so that it cannot be removed or changed.',
    remedy: 'Unlock it deliberately (az acr repository update), if nothing runs it.',
  },
  'import-failed': {
    cause: 'The registry accepted the import and reported that it failed.',
    remedy: 'Read the reason, repair it, and say "sluice retry".',
  },
  'import-stuck': {
    cause: 'The import neither ended nor failed within its time.',
    remedy: 'Say "sluice retry"; if it repeats, open a case with Azure and name the operation.',
  },
  'image-not-pullable': {
    cause: "The cluster's own identity cannot read the manifest, the configuration or a layer.",
    remedy: 'Give the cluster\'s identity AcrPull on the registry (or the repository), then "sluice retry".',
  },
  'lock-not-effective': {
    cause: 'The lock was set and reads back as not set.',
    remedy: 'Check who else changes attributes there, then "sluice retry".',
  },
} as const;
