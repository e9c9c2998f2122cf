/** A part of a page with a name that changes with it: whoever comes back with the name has seen the part. */
import { createHash } from 'node:crypto';
import type { Html } from '../html.ts';

export interface Drawing {
  readonly id: string;
  readonly part: Html;
}

export function drawingOf(part: Html): Drawing {
  return { id: createHash('sha256').update(part.text).digest('base64url').slice(0, 16), part };
}
