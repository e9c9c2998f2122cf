/** What every vault and key must be. */
import { about, at, expects, type Rule, texts } from './rule.ts';

const VAULT = 'azure-native:keyvault:Vault';
const KEY = 'azure-native:keyvault:Key';

export const KEY_RULES: readonly Rule[] = [
  about(VAULT, 'vault-rbac', 'access policies are rights beside the table', (one) =>
    expects(one, 'properties.enableRbacAuthorization', true),
  ),
  about(VAULT, 'vault-no-access-policies', 'access policies are rights beside the table', (one) => {
    const policies = at(one.inputs, 'properties.accessPolicies');
    return Array.isArray(policies) && policies.length > 0
      ? [`properties.accessPolicies: expected none, got ${policies.length}`]
      : [];
  }),
  about(VAULT, 'vault-purge-protection', 'a purged key makes everything that it signed unverifiable', (one) => [
    ...expects(one, 'properties.enableSoftDelete', true),
    ...expects(one, 'properties.enablePurgeProtection', true),
  ]),
  about(VAULT, 'vault-network', 'signing needs the private endpoint', (one) => [
    ...expects(one, 'properties.publicNetworkAccess', 'Disabled'),
    ...expects(one, 'properties.networkAcls.defaultAction', 'Deny'),
  ]),
  about(KEY, 'key-kind', 'cosign and records sign with ECDSA P-256', (one) => [
    ...expects(one, 'properties.kty', 'EC', 'EC-HSM'),
    ...expects(one, 'properties.curveName', 'P-256'),
  ]),
  about(KEY, 'key-stays', 'a key that can be exported can be copied', (one) =>
    expects(one, 'properties.attributes.exportable', false, undefined),
  ),
  about(KEY, 'key-signs-only', 'a key for everything is worth stealing for everything', (one) => {
    const wider = texts(at(one.inputs, 'properties.keyOps')).filter((op) => op !== 'sign' && op !== 'verify');
    return wider.length > 0 ? [`properties.keyOps: expected sign and verify, got ${wider.join(', ')} too`] : [];
  }),
  about(KEY, 'key-turns', 'a key that never ends is never changed', (one) => {
    const ends = at(one.inputs, 'properties.rotationPolicy.attributes.expiryTime');
    return typeof ends === 'string'
      ? []
      : ['properties.rotationPolicy.attributes.expiryTime: expected a duration, got nothing'];
  }),
];
