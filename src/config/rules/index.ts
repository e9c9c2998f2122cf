/** Every rule of a configuration beyond its shape. */
import {
  approvalDeadlinesAgree,
  approvalPoliciesApply,
  approvalTimesAreUseful,
  contentAlwaysVoids,
  identityIssuerIsHttps,
} from './approvals.ts';
import {
  namesAreLabels,
  pathsNameEnvironments,
  perEnvironmentKeysAreEnvironments,
  repositoriesAreWellFormed,
  somethingIsConfigured,
} from './names.ts';
import { gatesAreNotAvailable } from './not-yet.ts';
import type { Rule } from './rule.ts';
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
  gatesAreNotAvailable,
  approvalDeadlinesAgree,
  approvalPoliciesApply,
  approvalTimesAreUseful,
  contentAlwaysVoids,
  identityIssuerIsHttps,
  registriesAreSeparate,
  registryHostsAreHosts,
  resourceManagerIsHttps,
  placesAreSeparate,
  namespacesCoverThePath,
];
