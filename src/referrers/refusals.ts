/** Why something cannot go with an image: each reason with a code of its own. */
import { type Digest, shortDigest } from '../domain/digest.ts';
import type { ErrorCode } from '../domain/error-code.ts';
import { PortError, type PortErrorDetails } from '../ports/port-error.ts';

/** Where it was found, for messages. */
export interface Place {
  readonly host: string;
  readonly repository: string;
}

/** What these say of an image stands, however often one asks: it is refused. */
export const REFUSED_GRAPHS: readonly ErrorCode[] = [
  'referrers-too-many',
  'referrers-too-deep',
  'referrers-too-large',
  'referrers-cycle',
  'referrer-foreign',
  'index-child-foreign',
  'manifest-malformed',
  'manifest-ambiguous',
  'media-type-mismatch',
  'digest-unsupported',
  'digest-mismatch',
  'tag-conflict',
];

const CLEAN = 'find out who pushes them, delete what nobody needs, and start the release again';

export function tooMany(place: Place, what: string, most: number, got: string): PortError {
  return refused('referrers-too-many', `too much goes with ${what} in ${place.host}`, {
    expected: `at most ${most} manifests`,
    got,
    remedy: CLEAN,
  });
}

export function tooDeep(place: Place, digest: Digest, most: number): PortError {
  return refused('referrers-too-deep', `${nameOf(place, digest)} refers to what refers to what refers …`, {
    expected: `at most ${most} steps from the image`,
    got: `${most + 1} steps`,
    remedy: CLEAN,
  });
}

export function tooLarge(place: Place, what: string, most: number, got: number): PortError {
  return refused(
    'referrers-too-large',
    `${what} in ${place.host}/${place.repository} is larger than anything that may go with an image`,
    {
      expected: `at most ${most} bytes`,
      got: `${got} bytes`,
      remedy: 'attach something smaller, or delete it if nobody needs it, and start the release again',
    },
  );
}

export function cycle(place: Place, round: readonly Digest[]): PortError {
  return refused(
    'referrers-cycle',
    `what goes with the image in ${place.host}/${place.repository} goes round in a circle`,
    {
      expected: 'a beginning',
      got: round.map(shortDigest).join(' → '),
      remedy: 'delete the tag that closes the circle (tags "sha256-…"), and start the release again',
    },
  );
}

/** A registry (or a list kept under a tag) says that something refers to a manifest, and its own bytes say otherwise. */
export function foreign(place: Place, digest: Digest, listedFor: Digest, subject: string | undefined): PortError {
  return refused(
    'referrer-foreign',
    `${nameOf(place, digest)} is listed as referring to ${shortDigest(listedFor)}, and does not`,
    {
      expected: listedFor,
      got: subject ?? 'no subject',
      remedy:
        'find out who lists it: whoever puts others’ words beside an image may mean harm; delete it, and start the release again',
    },
  );
}

export function foreignChild(place: Place, index: Digest, child: string, got: string): PortError {
  return refused('index-child-foreign', `the index ${nameOf(place, index)} lists a manifest that is not what it says`, {
    expected: child,
    got,
    remedy: 'build and push the index again with all its manifests, and release it under a new version',
  });
}

export function malformed(place: Place, digest: Digest, expected: string, got: string): PortError {
  return refused('manifest-malformed', `${nameOf(place, digest)} is no manifest`, {
    expected,
    got,
    remedy: PUSH_AGAIN,
  });
}

export function ambiguous(place: Place, digest: Digest, got: string): PortError {
  return refused('manifest-ambiguous', `${nameOf(place, digest)} can be read in two ways`, {
    expected: 'each thing said once',
    got,
    remedy: PUSH_AGAIN,
  });
}

export function otherMediaType(place: Place, digest: Digest, expected: string, got: string): PortError {
  return refused('media-type-mismatch', `${nameOf(place, digest)} is of another kind than is said`, {
    expected,
    got,
    remedy: PUSH_AGAIN,
  });
}

export function unsupportedDigest(place: Place, inside: Digest, got: string): PortError {
  return refused(
    'digest-unsupported',
    `${nameOf(place, inside)} names something by a digest that cannot be checked here`,
    {
      expected: 'a SHA-256 digest',
      got,
      remedy: 'build it with SHA-256 digests: no registry and no tool that Sluice works with checks others reliably',
    },
  );
}

/** Listed and not there, or there and not listed: it may be on its way, so asking again can help. */
export function missing(place: Place, what: string, expected: string, got: string): PortError {
  return new PortError(
    'referrers-missing',
    `${place.host}/${place.repository} lacks what goes with the image: ${what}`,
    {
      retry: 'yes',
      expected,
      got,
      remedy:
        'nothing uses the image yet; look whether retention or a purge removes untagged manifests there, then retry',
    },
  );
}

const PUSH_AGAIN =
  'build and push it again with a well-kept tool, and start the release again; find out who pushed this';

function refused(code: ErrorCode, message: string, details: Omit<PortErrorDetails, 'retry'>): PortError {
  return new PortError(code, message, { retry: 'no', ...details });
}

function nameOf({ host, repository }: Place, digest: Digest): string {
  return `${host}/${repository}@${shortDigest(digest)}`;
}
