/** Ids of traces and spans, made of what they stand for: whoever tells of the same thing again tells of the same span. */
import { createHash } from 'node:crypto';

/** W3C Trace Context: 16 bytes, of which a digest is never all zero. */
export function traceIdOf(text: string): string {
  return hex('trace', text, 16);
}

/** W3C Trace Context: 8 bytes. */
export function spanIdOf(text: string): string {
  return hex('span', text, 8);
}

function hex(kind: string, text: string, bytes: number): string {
  return createHash('sha256')
    .update(`sluice ${kind}\n${text}`)
    .digest('hex')
    .slice(0, 2 * bytes);
}
