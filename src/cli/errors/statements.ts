/** What is stated about an image, and what an environment wants stated. */
export const STATEMENT_ERRORS = {
  'statement-missing': {
    cause:
      'The environment wants something stated about the image ("proofs"), and nobody has stated anything of the kind.',
    remedy:
      'Attest it to the image by digest with a key or identity that the rule names ("cosign attest"), and start a new version.',
  },
  'statement-untrusted': {
    cause:
      'What the environment wants stated is stated, by nobody that "trust" knows or by a signer whom this rule does not name.',
    remedy:
      'Have it attested by a signer of the rule ("by"), and start a new version; "sluice verify --explain" says who stated it.',
  },
  'statement-other-image': {
    cause:
      'The statement lies beside the image, and none of its subjects is the digest of the image: it is about something else.',
    remedy: 'Attest it to this image by digest; look into who put the statement there.',
  },
  'statement-other-type': {
    cause: 'There are statements about the image, of other predicate types than the rule asks for.',
    remedy: 'Attest it with the right type ("cosign attest --type slsaprovenance1, spdxjson, cyclonedx, vuln …").',
  },
  'statement-unreadable': {
    cause:
      'The statement, or the report in it, is not of a form that is understood; what is not understood proves nothing.',
    remedy: 'Read what it says, attest it in a form that docs/proofs.md lists, and start a new version.',
  },
  'provenance-refused': {
    cause:
      'The provenance names another builder, repository, branch or commit than the environment wants, or does not name one.',
    remedy:
      'Build the image where it has to be built, attest that, and start a new version; change "proofs.provenance" only if the other place is meant.',
  },
  'sbom-refused': {
    cause: 'The bill of materials (SBOM) that is stated cannot be read, has no name or lists nothing.',
    remedy: 'Attest it as SPDX 2.3 or CycloneDX 1.4 to 1.6 in JSON, and start a new version.',
  },
  'vulnerabilities-refused': {
    cause:
      'The newest vulnerability report is too old (also when it grew old while people were asked), was made in the future, or found more than the environment lets in.',
    remedy:
      'Scan the image again and attest the report, repair what it finds or have somebody answer for it ("exceptions", OpenVEX), and start a new version.',
  },
  'predicate-refused': {
    cause: 'An expression of "proofs.predicates" is false, or cannot be evaluated, for what is stated.',
    remedy: 'Repair what it is about, attest that, and start a new version.',
  },
} as const;
