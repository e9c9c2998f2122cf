/**
 * Signing requests as Standard Webhooks 1.0 says (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, one
 * signature for each secret, so that a secret can be changed without a moment in which the receiver knows neither.
 */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

export interface SigningFacts {
  /** Without dots. */
  readonly id: string;
  /** Seconds since 1970: when this attempt is made. */
  readonly timestamp: number;
  /** Exactly as it is sent. */
  readonly body: string;
}

export type SigningHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>;

export function signedHeaders({ id, timestamp, body }: SigningFacts, keys: readonly Uint8Array[]): SigningHeaders {
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

/** One or more `whsec_<base64>`, separated by white space; undefined when one of them is not of that form. */
export function signingKeys(secret: string): readonly Uint8Array[] | undefined {
  const keys = secret.trim().split(/\s+/).map(keyOf);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** What people read when it is not. */
export const SECRET_FORM = `${PREFIX} and ${LEAST_BYTES} to ${MOST_BYTES} random bytes in base64`;

function keyOf(text: string): Uint8Array | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const base64 = text.slice(PREFIX.length);
  const key = Buffer.from(base64, 'base64');
  const isBase64 = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  return isBase64 && key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined;
}
