/**
 * What others confirm of a signature: that a transparency log has it, and when it was made. `@sigstore/verify` checks chain, log, timestamp
 * and signature against the trusted root. What an entry does not want to be looked at is taken out first, so that it neither helps nor harms.
 */
import type { KeyObject } from 'node:crypto';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  type SignedEntity,
  type Signer,
  type TrustMaterial,
  VerificationError,
  Verifier,
  toSignedEntity,
  toTrustMaterial,
} from '@sigstore/verify';
import { PortError } from '../../../ports/port-error.ts';
import { jsonObject } from '../../../content/json-object.ts';
import type { SignatureFault } from '../../../ports/signatures.ts';
import type { Claim } from './claim.ts';
import type { Window } from './validity.ts';

type Demand = 'required' | 'off';

export interface Demands {
  /** Sigstore trusted root, JSON. */
  readonly trustedRoot: string;
  readonly transparencyLog?: Demand | undefined;
  readonly timestamp?: Demand | undefined;
}

/** Why nobody confirms it. */
export interface Unconfirmed {
  readonly why: string;
  readonly because?: SignatureFault;
}

/** What `@sigstore/verify` says of the signer, or why not; with a window, only if every confirmed time lies in it. */
export type Confirm = (claim: Claim, window?: Window) => Signer | Unconfirmed;

export function isUnconfirmed(said: Signer | Unconfirmed | undefined): said is Unconfirmed {
  return said !== undefined && 'why' in said;
}

/** Of a certificate: chain, log and time, as the root and the entry want them. Throws `config-invalid` for a root that could verify nothing. */
export function certificateConfirmation(demands: Demands): Confirm {
  const root = rootOf(demands);
  if (root.certificateAuthorities.length === 0) throw invalid('a root without certificate authorities');
  if (timesOf(root, demands) === 0) throw invalid('a root without log and timestamp authority');
  // A private Sigstore may run without logs; what the pinned root lists is demanded, and a confirmed time always is.
  const tlogThreshold = demands.transparencyLog === 'off' ? 0 : Math.min(1, root.tlogs.length);
  return confirmation(demands, toTrustMaterial(root), {
    tlogThreshold,
    ctlogThreshold: Math.min(1, root.ctlogs.length),
  });
}

/** Of a key: what the entry demands, and with it the time. Throws as {@link certificateConfirmation} does. */
export function keyConfirmation(demands: Demands, key: KeyObject): Confirm {
  const own = {
    ...demands,
    transparencyLog: demands.transparencyLog ?? 'off',
    timestamp: demands.timestamp ?? 'off',
  } as const;
  const root = rootOf(own);
  const material = toTrustMaterial(root, () => ({ publicKey: key, validFor: () => true }));
  return confirmation(own, material, {
    tlogThreshold: own.transparencyLog === 'required' ? 1 : 0,
    ctlogThreshold: 0,
  });
}

function confirmation(
  demands: Demands,
  material: TrustMaterial,
  thresholds: { readonly tlogThreshold: number; readonly ctlogThreshold: number },
): Confirm {
  const options = { ...thresholds, timestampThreshold: 1 };
  const verifier = new Verifier(material, options);
  return ({ bundle, artefact }, window) => {
    try {
      const entity = only(demands, toSignedEntity(bundle, artefact === undefined ? undefined : Buffer.from(artefact)));
      if (demands.timestamp === 'required' && !entity.timestamps.some(isSigned))
        return { why: 'without a signed timestamp' };
      return (window === undefined ? verifier : new Verifier(within(material, window), options)).verify(entity);
    } catch (error) {
      // whatever the library objects to, hostile input included, is a "no" with its reason
      const why = error instanceof Error ? error.message : String(error);
      const because = faultIn(error);
      return because === undefined ? { why } : { why, because };
    }
  };
}

/** The library tells an expired certificate from other bad ones in words alone: should they change, it is one of those. */
function faultIn(error: unknown): SignatureFault | undefined {
  if (!(error instanceof VerificationError)) return undefined;
  if (error.code === 'TLOG_BODY_ERROR') return 'log-entry-foreign';
  const cause: unknown = error.cause;
  const isExpired = cause instanceof VerificationError && cause.message.includes('expired');
  return error.code === 'CERTIFICATE_ERROR' && isExpired ? 'certificate-expired' : undefined;
}

type Timestamp = SignedEntity['timestamps'][number];

function isSigned({ $case }: Timestamp): boolean {
  return $case === 'timestamp-authority';
}

function only({ transparencyLog, timestamp }: Demands, entity: SignedEntity): SignedEntity {
  const wanted = entity.timestamps.filter((one) => (isSigned(one) ? timestamp : transparencyLog) !== 'off');
  return { ...entity, timestamps: wanted, tlogEntries: transparencyLog === 'off' ? [] : entity.tlogEntries };
}

/** Authorities and keys that are good in this time only: the library then refuses whatever was signed at another. */
function within(material: TrustMaterial, { first, last }: Window): TrustMaterial {
  return {
    ...material,
    certificateAuthorities: material.certificateAuthorities.map((one) => ({
      ...one,
      validFor: {
        start: new Date(Math.max(first, one.validFor.start.getTime())),
        end: new Date(Math.min(last, one.validFor.end.getTime())),
      },
    })),
    publicKey: (hint) => ({
      ...material.publicKey(hint),
      validFor: (at) => first <= at.getTime() && at.getTime() <= last,
    }),
  };
}

function timesOf({ tlogs, timestampAuthorities }: TrustedRoot, { transparencyLog, timestamp }: Demands): number {
  return (transparencyLog === 'off' ? 0 : tlogs.length) + (timestamp === 'off' ? 0 : timestampAuthorities.length);
}

function rootOf({ trustedRoot, transparencyLog, timestamp }: Demands): TrustedRoot {
  const json = jsonObject(trustedRoot);
  if (json === undefined) throw invalid('no JSON object');
  const root = parse(json);
  if (transparencyLog === 'required' && root.tlogs.length === 0)
    throw invalid('a root without transparency log, where an entry in one is demanded');
  if (timestamp === 'required' && root.timestampAuthorities.length === 0)
    throw invalid('a root without timestamp authority, where a timestamp is demanded');
  return root;
}

function parse(json: Readonly<Record<string, unknown>>): TrustedRoot {
  try {
    const root = TrustedRoot.fromJSON(json);
    toTrustMaterial(root);
    return root;
  } catch (cause) {
    throw invalid('a root that does not parse', cause);
  }
}

function invalid(got: string, cause?: unknown): PortError {
  return new PortError('config-invalid', 'the trusted root of a signer cannot verify anything', {
    retry: 'no',
    expected: 'a Sigstore trusted root (application/vnd.dev.sigstore.trustedroot+json) with what is demanded',
    got,
    remedy: 'write it with "cosign trusted-root create", or take the one of your Sigstore instance',
    cause,
  });
}
