/**
 * A pinned identity: a short-lived certificate of a trusted authority names exactly this issuer and subject, at a time that a log
 * or a timestamp authority confirms. `@sigstore/verify` checks chain, log, timestamp and signature. It would match the subject as
 * an unanchored pattern (`…/repo` accepting `…/repo-evil`), so issuer and subject are compared here, as equal texts.
 */
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type SignedEntity, type Signer, Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';
import { PortError } from '../../../ports/port-error.ts';
import { jsonObject } from './claim.ts';
import type { Judge } from './judge.ts';

export interface Identity {
  /** OIDC issuer, as the certificate states it: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** Subject alternative name: an e-mail address or a URI such as a workflow with its ref. No pattern. */
  readonly subject: string;
  /** Sigstore trusted root, JSON. */
  readonly trustedRoot: string;
}

/** Throws `config-invalid` for a trusted root that could verify nothing. */
export function pinnedIdentity({ issuer, subject, trustedRoot }: Identity): Judge {
  if (issuer === '' || subject === '') throw invalid('an empty issuer or subject');
  const verifier = createVerifier(trustedRoot);
  return ({ certified }) => {
    if (certified === undefined) return { trusted: false, why: `without certificate, so not by ${subject}` };
    const { bundle, artefact } = certified;
    const signer = attempt(() => verifier.verify(entityOf(bundle, artefact)));
    if (typeof signer === 'string') return { trusted: false, why: `not provably by ${subject}: ${signer}` };
    const found = { issuer: signer.identity?.extensions?.issuer, subject: signer.identity?.subjectAlternativeName };
    if (found.issuer === issuer && found.subject === subject) return { trusted: true, by: `${subject} (${issuer})` };
    return { trusted: false, why: `signed by ${found.subject} (${found.issuer}), not by ${subject} (${issuer})` };
  };
}

function createVerifier(trustedRoot: string): Verifier {
  const json = jsonObject(trustedRoot);
  if (json === undefined) throw invalid('no JSON object');
  try {
    const root = TrustedRoot.fromJSON(json);
    if (root.certificateAuthorities.length === 0) throw invalid('a root without certificate authorities');
    if (root.tlogs.length + root.timestampAuthorities.length === 0)
      throw invalid('a root without log and timestamp authority');
    return new Verifier(toTrustMaterial(root), {
      // A private Sigstore may run without logs; what the pinned root lists is demanded, and a confirmed time always is.
      tlogThreshold: Math.min(1, root.tlogs.length),
      ctlogThreshold: Math.min(1, root.ctlogs.length),
      timestampThreshold: 1,
    });
  } catch (cause) {
    if (cause instanceof PortError) throw cause;
    throw invalid('a root that does not parse', cause);
  }
}

function entityOf(bundle: Parameters<typeof toSignedEntity>[0], artefact: Uint8Array | undefined): SignedEntity {
  return toSignedEntity(bundle, artefact === undefined ? undefined : Buffer.from(artefact));
}

/** Whatever the library objects to, hostile input included, is a "no" with its reason. */
function attempt(verify: () => Signer): Signer | string {
  try {
    return verify();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function invalid(got: string, cause?: unknown): PortError {
  return new PortError(
    'config-invalid',
    'the trusted root of an identity under trust.signatures cannot verify anything',
    {
      retry: 'no',
      expected: 'a Sigstore trusted root (application/vnd.dev.sigstore.trustedroot+json)',
      got,
      remedy: 'write it with "cosign trusted-root create", or take the one of your Sigstore instance',
      cause,
    },
  );
}
