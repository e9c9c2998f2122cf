/** Numbers from samples. Percentiles are nearest-rank, so that each is a value that was really measured. */

export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('a percentile needs at least one sample');
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] as number;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function sum(samples: readonly number[]): number {
  return samples.reduce((total, one) => total + one, 0);
}
