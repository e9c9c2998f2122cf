/** Why an image could not be pulled, in the words that containerd and the kubelet use (Kubernetes 1.36, containerd 2). */
import { STATUS_CODES } from 'node:http';

/** Only `ErrImagePull` is worth another try. */
export type PullReason = 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName';

export class PullError extends Error {
  readonly reason: PullReason;
  constructor(reason: PullReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PullError';
    this.reason = reason;
  }
}

type RpcCode = 'NotFound' | 'Unknown' | 'FailedPrecondition';

function failed(code: RpcCode, image: string, why: string, cause?: unknown): PullError {
  const message = `rpc error: code = ${code} desc = failed to pull and unpack image "${image}": ${why}`;
  return new PullError('ErrImagePull', message, cause);
}

export function invalidName(image: string): PullError {
  return new PullError(
    'InvalidImageName',
    `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`,
  );
}

export function manifestMissing(image: string): PullError {
  return failed('NotFound', image, `failed to resolve reference "${image}": ${image}: not found`);
}

export function denied(image: string): PullError {
  return failed(
    'Unknown',
    image,
    `failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  );
}

export function notAuthorised(image: string, what: string): PullError {
  return failed(
    'Unknown',
    image,
    `failed to resolve reference "${image}": failed to authorize: failed to fetch oauth token: ${what}`,
  );
}

export function unexpectedStatus(image: string, url: string, status: number): PullError {
  const why = `unexpected status from GET request to ${url}: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  return failed('Unknown', image, `failed to resolve reference "${image}": ${why}`);
}

export function unreachable(image: string, url: string, cause: unknown): PullError {
  const why = `failed to do request: Get "${url}": ${(cause as Error).message}`;
  return failed('Unknown', image, `failed to resolve reference "${image}": ${why}`, cause);
}

export function blobMissing(image: string, url: string): PullError {
  return failed(
    'NotFound',
    image,
    `failed to copy: httpReadSeeker: failed open: content at ${url} not found: not found`,
  );
}

export function wrongContent(image: string, what: string, got: string, expected: string): PullError {
  return failed(
    'FailedPrecondition',
    image,
    `failed commit on ref "${what}-${expected}": unexpected commit digest ${got}, expected ${expected}: failed precondition`,
  );
}

export function unusable(image: string, why: string, cause?: unknown): PullError {
  return failed('Unknown', image, why, cause);
}
