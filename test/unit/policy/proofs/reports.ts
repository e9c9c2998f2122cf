/** Vulnerability reports as scanners write them, cut down to what says something, and OpenVEX beside them. */

export const COSIGN = 'https://cosign.sigstore.dev/attestation/vuln/v1';
export const IN_TOTO = 'https://in-toto.io/attestation/vulns/v0.2';
export const VEX = 'https://openvex.dev/ns/v0.2.0';

export interface Found {
  readonly id: string;
  readonly severity: string;
  readonly purl?: string;
}

/** `trivy image --format cosign-vuln`. */
export function trivy(scanFinishedOn: string, ...found: readonly Found[]) {
  const vulnerabilities = found.map(({ id, severity, purl }) => ({
    ...{ VulnerabilityID: id, PkgName: 'openssl', Severity: severity },
    ...(purl === undefined ? {} : { PkgIdentifier: { PURL: purl } }),
  }));
  return cosign(scanFinishedOn, 'pkg:github/aquasecurity/trivy@0.67.0', {
    SchemaVersion: 2,
    ArtifactName: 'iam',
    Results: [{ Target: 'iam (debian 12)', Class: 'os-pkgs', Vulnerabilities: vulnerabilities }],
  });
}

/** `grype -o json`, put into Cosign's predicate. */
export function grype(scanFinishedOn: string, ...found: readonly (Found & { readonly related?: string })[]) {
  return cosign(scanFinishedOn, 'pkg:github/anchore/grype@0.104.0', {
    matches: found.map(({ id, severity, purl, related }) => ({
      vulnerability: { id, severity },
      relatedVulnerabilities: related === undefined ? [] : [{ id: related }],
      artifact: { name: 'openssl', purl },
    })),
    descriptor: { name: 'grype' },
  });
}

export function inToto(scanFinishedOn: string, ...result: readonly unknown[]) {
  return cosign(scanFinishedOn, 'pkg:github/example/scanner@1', result);
}

export function cosign(scanFinishedOn: string, uri: string, result: unknown) {
  return {
    invocation: { parameters: null, uri: '', event_id: '', 'builder.id': '' },
    scanner: { uri, version: '1', db: { uri: '', version: '' }, result },
    metadata: { scanStartedOn: scanFinishedOn, scanFinishedOn },
  };
}

export function openVex(...statements: readonly unknown[]) {
  return {
    '@context': VEX,
    '@id': 'https://openvex.dev/docs/example/vex-1',
    author: 'security@example.test',
    timestamp: '2026-11-29T00:00:00Z',
    version: 1,
    statements,
  };
}
