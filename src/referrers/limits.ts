/**
 * How much may go with one image. Far above what honest builds attach, so that whoever may push beside an image cannot keep a worker or a
 * registry busy. Beyond a limit nothing is cut off: the image is refused.
 */
const MIB = 1024 * 1024;

export interface Limits {
  /** Steps away from the image: a signature on an SBOM is two. */
  readonly depth: number;
  /** Manifests that refer to the image, its children, or one another. */
  readonly referrers: number;
  /** Manifests of an index, itself included. */
  readonly children: number;
  /** Bytes of one referrer's manifest. */
  readonly manifestBytes: number;
  /** Bytes of one referrer with all that it carries. */
  readonly referrerBytes: number;
  /** Bytes of all referrers with all that they carry. */
  readonly totalBytes: number;
}

export const LIMITS: Limits = {
  depth: 5,
  referrers: 250,
  children: 250,
  manifestBytes: MIB,
  referrerBytes: 128 * MIB,
  totalBytes: 512 * MIB,
};

/** What a registry copies in one import, index and attestations included (Azure Container Registry, "Import container images"). */
export const MANIFESTS_PER_IMPORT = 50;

/** Blobs up to here are read whole when they have arrived; of larger ones it is asked whether they are there. */
export const READ_WHOLE = 4 * MIB;

/** Questions to one registry at a time: as many connections as its client opens are left for others. */
export const LOOKS_AT_ONCE = 8;
