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
  'digest-unsupported': {
    cause:
      'Something that goes with the image is named by another algorithm than SHA-256 (sha512 …), and cannot be checked here.',
    remedy: 'Build and attach it with SHA-256 digests, and start the release again.',
  },
  'manifest-malformed': {
    cause: 'A manifest that goes with the image is no JSON object, or lacks what a manifest has.',
    remedy: 'Push it again with a well-kept tool; find out who pushed this one.',
  },
  'manifest-ambiguous': {
    cause: 'A manifest can be read in two ways: it says something twice, or is an index and an image in one.',
    remedy: 'Push it again with a well-kept tool; find out who pushed this one, since whoever does that may mean harm.',
  },
  'media-type-mismatch': {
    cause: 'A manifest is of another kind than the registry says, or of none that Sluice knows.',
    remedy: 'Push it again with its own media type. Treat a registry that changes media types as broken.',
  },
  'index-child-foreign': {
    cause: 'An index lists a manifest which is not what the index says of it.',
    remedy: 'Build and push the index again with all its manifests, and release it under a new version.',
  },
  'referrers-too-many': {
    cause: 'More goes with the image (signatures, attestations, manifests of an index) than may travel with one.',
    remedy: 'Find out who pushes them, delete what nobody needs, and start the release again.',
  },
  'referrers-too-deep': {
    cause: 'What refers to the image is referred to itself, and so on, in more steps than anything honest needs.',
    remedy: 'Find out who pushes them, delete what nobody needs, and start the release again.',
  },
  'referrers-too-large': {
    cause: 'Something that refers to the image, or all of it together, is larger than what may travel with one.',
    remedy: 'Attach something smaller, or delete it if nobody needs it, and start the release again.',
  },
  'referrers-cycle': {
    cause: 'What goes with the image leads back to itself. By digest that is impossible, so a tag "sha256-…" does it.',
    remedy: 'Delete that tag, and find out who set it.',
  },
  'referrer-foreign': {
    cause:
      'A registry, or a list under a tag "sha256-…", says that something refers to the image; by its own bytes it does not.',
    remedy: 'Delete it from the list. Treat a registry that says so by itself as broken or hostile.',
  },
  'referrers-missing': {
    cause:
      'Something that goes with the image is not in the registry that it was copied to, or is not found there from the image.',
    remedy:
      'Look whether retention or a purge takes untagged manifests, or whether that registry keeps no referrers; then say "sluice retry".',
  },
  'tag-conflict': {
    cause:
      'The destination has this version, or a tag by which signatures are found, as a tag of something else. Sluice never moves a tag.',
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
  'image-unlocked': {
    cause: 'A guardian found the image or its tag unlocked that a promotion had locked: it can be removed or moved.',
    remedy:
      'Lock it again (az acr repository update --delete-enabled false --write-enabled false), and look for whoever opened it.',
  },
} as const;
