import { closest, distance } from 'fastest-levenshtein';

/** The candidate that was probably meant. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(written, candidates);
  const near = distance(written.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(best.length / 3));
  return near && best !== written ? best : undefined;
}

/** ` (did you mean "registry"?)`, or nothing when no candidate is near. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const best = nearest(written, candidates);
  return best === undefined ? '' : ` (did you mean "${best}"?)`;
}
