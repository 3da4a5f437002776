/** Whether something grows, from samples over time. */
export interface Sample {
  readonly seconds: number;
  readonly bytes: number;
}

const TEN_MINUTES_S = 600;

/**
 * Bytes gained in ten minutes, by the line of least squares through the samples from `fromSeconds` on. undefined: they span
 * less than a minute, or are fewer than six, and say nothing.
 */
export function growthPerTenMinutes(samples: readonly Sample[], fromSeconds: number): number | undefined {
  const kept = samples.filter(({ seconds }) => seconds >= fromSeconds);
  const [first] = kept;
  const last = kept.at(-1);
  if (first === undefined || last === undefined || kept.length < 6 || last.seconds - first.seconds < 60) return undefined;
  const meanSeconds = kept.reduce((sum, { seconds }) => sum + seconds, 0) / kept.length;
  const meanBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0) / kept.length;
  const above = kept.reduce((sum, { seconds, bytes }) => sum + (seconds - meanSeconds) * (bytes - meanBytes), 0);
  const below = kept.reduce((sum, { seconds }) => sum + (seconds - meanSeconds) ** 2, 0);
  return (above / below) * TEN_MINUTES_S;
}
