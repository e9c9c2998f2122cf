/** Input, configuration and releases. */
export const INPUT_ERRORS = {
  'config-missing': {
    cause:
      'There is no `sluice.yaml` in the working directory or above it, or not where `--config` or `SLUICE_CONFIG` points.',
    remedy: 'Go to the folder of your sluice.yaml, or name it with --config.',
  },
  'config-invalid': {
    cause:
      '`sluice.yaml`, or a file that it names, has mistakes. All of them are listed, each with line and column; [some that are easily made](#mistakes-in-sluiceyaml) stand below.',
    remedy: 'Correct the lines that are listed; docs/configuration.md explains every key.',
  },
  'service-unknown': {
    cause: 'No service of this name is configured.',
    remedy: 'Check the spelling, or add the service under "services" in sluice.yaml.',
  },
  'environment-unknown': {
    cause: 'No environment of this name is configured, or it is not on the path of the service.',
    remedy: 'Check the spelling, or add the environment to sluice.yaml and to the path.',
  },
  'version-malformed': {
    cause: 'A version becomes a tag in the registry, and this one cannot.',
    remedy: 'Use letters, digits, "_", "." and "-", at most 128, not starting with "." or "-".',
  },
  'reference-malformed': {
    cause:
      'The image is not written as `repository:tag` or `repository@sha256:…`, or it names another repository than the service has.',
    remedy: 'Write the repository of the service with a tag or, better, a digest.',
  },
  'digest-malformed': {
    cause: 'A digest is not the algorithm, a colon and 64 lower-case hexadecimal characters; a tag is no digest.',
    remedy: 'Copy the digest whole, as the registry or "sluice status" prints it.',
  },
  'manifests-missing': {
    cause:
      'The service has no folder of manifests, or none for one of the environments, or the published artefact is gone.',
    remedy: 'Create manifests/<service>/<environment>/, or correct "manifests" of the service; then start again.',
  },
  'manifests-invalid': {
    cause:
      'A manifest does not parse, names another namespace, carries a tag where a digest is required, or lacks a configured workload.',
    remedy: 'Correct the lines that are listed; "sluice plan" checks them without changing anything.',
  },
  'manifests-not-allowed': {
    cause:
      'A manifest states an image that is neither the released one nor on the list of the environment (`manifests.images`), or a kind that is not on its list (`manifests.kinds`). Nothing else is wrong with the manifests.',
    remedy: 'Remove it; or, if the environment is meant to run it, add it to the list: docs/manifests.md.',
  },
  'input-invalid': {
    cause:
      'A workflow or an activity received something else than its contract says, usually because it was started by hand or by another version; or a command carries a text that is too long or empty, or a time of more than a year. With `--json` also: a call that is written wrongly.',
    remedy:
      'Read the message: it says what was expected. Say what is too long in fewer words, and name a page where the rest can be read; start releases with the CLI or the client of the version that the workers run.',
  },
  'version-taken': {
    cause:
      'A release of this service and version exists with another image, other manifests or another end of its path, or a roll-back has brought this version back where the release wants to go.',
    remedy: 'Give the new content a new version; a version means one content for ever.',
  },
  'release-not-found': {
    cause: 'There is no such release in this namespace of Temporal, or it is older than the retention period.',
    remedy: 'See what there is with "sluice list"; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.',
  },
  'release-finished': {
    cause: 'The release has ended; nothing can be said to it any more.',
    remedy: 'Look at its outcome with "sluice status"; a new attempt is a new version.',
  },
  'image-not-found': {
    cause: "The first environment's registry has no such tag or digest.",
    remedy: 'Push the image there first, or correct --image.',
  },
  'migration-not-ready': {
    cause:
      'A service may not go on to the next state of its migration: a gate of the state, or of its wave, is not met, or nobody could tell whether it is. All of them are listed, and nothing was changed.',
    remedy: 'Do what is said beside each; "sluice migration status" shows what is met and what is not.',
  },
  'command-not-possible': {
    cause:
      'The command does not fit the state: nothing to resume, a pause that somebody else has asked for, nothing that needs attention, an undo that runs already, no such stop or hold to lift. Or a roll-back is in the way: one to another version runs there, the promotion that would bring the version back is under way already, or somebody is inside and what is to be gone back from is not known yet.',
    remedy:
      'Look at the state with "sluice status", or "sluice environment" for stops, holds and roll-backs; it names the commands that are possible.',
  },
} as const;
