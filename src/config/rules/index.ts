/** Every rule of a configuration beyond its shape. */
import { datedFreezesEnd, weeklyFreezesLeaveAPause, weeklyTimesAreWindows, zonesAreKnown } from './gate-times.ts';
import {
  expressionsAreBounded,
  freezesNameServices,
  gateNamesAreUnique,
  patternsAreBounded,
  serviceGroupsNameServices,
  soaksAreBefore,
} from './gates.ts';
import {
  approvalDeadlinesAgree,
  approvalPoliciesApply,
  approvalTimesAreUseful,
  authorsAreNamedSomewhere,
  contentAlwaysVoids,
  identityIssuerIsHttps,
} from './approvals.ts';
import { manifestImagesAreImages, manifestKindsAreKinds, manifestKindsHoldTheWorkloads } from './manifests.ts';
import {
  namesAreLabels,
  pathsNameEnvironments,
  perEnvironmentKeysAreEnvironments,
  repositoriesAreWellFormed,
  somethingIsConfigured,
} from './names.ts';
import {
  receiverAddressesArePrivate,
  receiverNamesAreUnique,
  receiversAreAddressed,
  receiversAreSigned,
  receiversHearOfWhatExists,
  secretsAreNamed,
} from './notifications.ts';
import { externalChecksArePrivate, externalChecksAreQuick } from './checks.ts';
import { recordKeysAreNamed, recordKeysAreSeparate, recordsAreOfEarlierEnvironments } from './records.ts';
import { predicatesAreBounded, sourcesAreRepositories, vulnerabilitiesAreLimited } from './statements.ts';
import { guardiansLookInTime } from './guardian.ts';
import { healthAddressesHoldNoSecrets } from './secrets.ts';
import type { Rule } from './rule.ts';
import { everyImageHasSigners, namedSignersExist, signerEntriesAreSound, signersAreNamed } from './signers.ts';
import {
  namespacesCoverThePath,
  placesAreSeparate,
  registriesAreSeparate,
  registryHostsAreHosts,
  resourceManagerIsHttps,
} from './separation.ts';

export const RULES: readonly Rule[] = [
  somethingIsConfigured,
  namesAreLabels,
  pathsNameEnvironments,
  repositoriesAreWellFormed,
  perEnvironmentKeysAreEnvironments,
  soaksAreBefore,
  freezesNameServices,
  serviceGroupsNameServices,
  gateNamesAreUnique,
  patternsAreBounded,
  expressionsAreBounded,
  externalChecksArePrivate,
  externalChecksAreQuick,
  healthAddressesHoldNoSecrets,
  zonesAreKnown,
  weeklyTimesAreWindows,
  weeklyFreezesLeaveAPause,
  datedFreezesEnd,
  approvalDeadlinesAgree,
  approvalPoliciesApply,
  approvalTimesAreUseful,
  authorsAreNamedSomewhere,
  contentAlwaysVoids,
  identityIssuerIsHttps,
  sourcesAreRepositories,
  vulnerabilitiesAreLimited,
  predicatesAreBounded,
  registriesAreSeparate,
  registryHostsAreHosts,
  resourceManagerIsHttps,
  placesAreSeparate,
  namespacesCoverThePath,
  recordKeysAreNamed,
  recordKeysAreSeparate,
  recordsAreOfEarlierEnvironments,
  manifestKindsAreKinds,
  manifestKindsHoldTheWorkloads,
  manifestImagesAreImages,
  guardiansLookInTime,
  receiverNamesAreUnique,
  receiversAreAddressed,
  receiverAddressesArePrivate,
  receiversAreSigned,
  secretsAreNamed,
  receiversHearOfWhatExists,
  signersAreNamed,
  everyImageHasSigners,
  namedSignersExist,
  signerEntriesAreSound,
];
