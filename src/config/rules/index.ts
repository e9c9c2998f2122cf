/** Every rule of a configuration beyond its shape. */
import {
  namesAreLabels,
  pathsNameEnvironments,
  perEnvironmentKeysAreEnvironments,
  repositoriesAreWellFormed,
  somethingIsConfigured,
} from './names.ts';
import { approversAreNotAvailable, gatesAreNotAvailable, oneApprovalRule } from './not-yet.ts';
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
  oneApprovalRule,
  approversAreNotAvailable,
  registriesAreSeparate,
  registryHostsAreHosts,
  resourceManagerIsHttps,
  placesAreSeparate,
  namespacesCoverThePath,
];
