/** A small good configuration, as text, and reading one in memory. */
import { generateKeyPairSync } from 'node:crypto';
import type { Config } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { readConfig } from '../../../src/config/read-config.ts';

export const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8nXRh950IZbRj8Ra/N9sbqOPZrfM
5/KAQN0/KjHcorm/J5yctVd7iEcnessRQjU917hmKO6JWVGHpDguIyakZA==
-----END PUBLIC KEY-----
`;

export const GOOD = `version: 1
path: [dev, production]
environments:
  dev:
    registry: { acr: onestreamdev, resourceGroup: onestream-dev-rg, subscription: \${AZURE_SUBSCRIPTION_ID} }
    cluster: { kubeconfig: kube/dev, context: dev }
  production:
    registry: { acr: onestreamprod, resourceGroup: onestream-prod-rg, subscription: sub, loginServer: "127.0.0.1:16503" }
    cluster: { aks: onestream-prod-aks, resourceGroup: onestream-prod-rg }
    lockImages: true
    approvals: [{ required: 2, from: [release-managers], expiresAfter: 12h }]
trust:
  signatures: [{ key: keys/cosign.pub }]
  approvers: unproven
services:
  iam: {}
`;

/** Two all-day events and a weekly one. */
export const CALENDAR = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//test//EN',
  'BEGIN:VEVENT',
  'UID:1',
  'SUMMARY:Christmas',
  'DTSTART;VALUE=DATE:20261224',
  'DTEND;VALUE=DATE:20261227',
  'RRULE:FREQ=YEARLY',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');
const pemOf = ({ publicKey }: ReturnType<typeof generateKeyPairSync>): string =>
  publicKey.export({ format: 'pem', type: 'spki' }).toString();

const FILES: Readonly<Record<string, string>> = {
  '/repo/keys/ada.pub': pemOf(generateKeyPairSync('ed25519')),
  '/repo/keys/ada-p256.pub': PUBLIC_KEY,
  '/repo/keys/grace.pub': pemOf(generateKeyPairSync('ed25519')),
  '/repo/keys/rsa.pub': pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 })),
  '/repo/people/approvers.yaml': 'release-managers:\n  - { name: ada, key: ../keys/ada.pub }\n',
  '/repo/people/lost-key.yaml': 'release-managers:\n  - { name: ada, key: ada.pub }\n',
  '/repo/people/wrong.yaml': 'release-managers:\n  - ada\n',
  '/repo/people/broken.yaml': 'release-managers: [',
  '/repo/keys/cosign.pub': PUBLIC_KEY,
  '/repo/keys/private.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  '/repo/keys/nonsense.pub': 'hello',
  '/repo/freezes.ics': CALENDAR,
  '/repo/always.ics': CALENDAR.replace('20261227', '20271225'),
  '/repo/nonsense.ics': 'hello',
  '/repo/huge.ics': ' '.repeat(1_048_577),
  '/repo/revoked.yaml': '[]\n',
  '/repo/notation/policy.json':
    '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"strict"}}]}',
  '/repo/notation/lax.json':
    '{"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],"signatureVerification":{"level":"audit"}}]}',
  '/repo/notation/truststore/x509/ca/acme/root.crt': '-----BEGIN CERTIFICATE-----',
  '/repo/root.json': '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
};

export function readText(path: string): string {
  const content = FILES[path];
  if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
  return content;
}

export function read(
  text: string,
  variables: Readonly<Record<string, string>> = { AZURE_SUBSCRIPTION_ID: 'sub-1' },
): Config {
  return readConfig({
    text,
    file: '/repo/sluice.yaml',
    variables,
    readText,
    readFolder(path) {
      const files = Object.entries(FILES).filter(([file]) => file.startsWith(`${path}/`));
      if (files.length === 0) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return files.map(([file, text]) => ({
        path: file.slice(path.length + 1),
        base64: Buffer.from(text).toString('base64'),
      }));
    },
  });
}

/** The problems of a bad configuration, one line each; empty for a good one. */
export function problemsOf(text: string, variables?: Readonly<Record<string, string>>): readonly string[] {
  try {
    read(text, variables);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}
