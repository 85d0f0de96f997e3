/** How often each length of a silence was the longest of a series. */
export interface Silences {
  /** Series counted. */
  series: number;
  /** By length: the first up to 1 s, each of the others up to 1.25 times the one before, the last one without a limit. */
  longest: number[];
}

const BUCKETS = 32;
const FIRST_EDGE_MS = 1_000;
const STEP = 1.25;
/** Then all counts are halved: a sender is known by about its last 500 series. */
const MOST_SERIES = 500;

export function noSilences(): Silences {
  return { series: 0, longest: [] };
}

/** The longest silence that the bucket stands for, milliseconds. */
function edgeMs(bucket: number): number {
  return FIRST_EDGE_MS * STEP ** bucket;
}

function bucketOf(silenceMs: number): number {
  if (!(silenceMs > FIRST_EDGE_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(silenceMs / FIRST_EDGE_MS) / Math.log(STEP) - 1e-9));
}

export function withSilence({ series, longest }: Silences, silenceMs: number): Silences {
  const counts = Array.from(
    { length: Math.max(longest.length, bucketOf(silenceMs) + 1) },
    (_, at) => longest[at] ?? 0,
  );
  counts[bucketOf(silenceMs)] = (counts[bucketOf(silenceMs)] ?? 0) + 1;
  if (series < MOST_SERIES) return { series: series + 1, longest: counts };
  // Rounded to whole series, the rare long silences would be lost, of which most lengths have one.
  const halved = counts.map((count) => Math.round(50 * count) / 100);
  return { series: halved.reduce((sum, count) => sum + count, 0), longest: halved };
}

/** The shortest length that at most `above` series have exceeded, milliseconds. */
export function exceededByAtMost({ longest }: Silences, above: number): number {
  let exceeding = 0;
  for (let bucket = longest.length - 1; bucket >= 0; bucket -= 1) {
    exceeding += longest[bucket] ?? 0;
    if (exceeding > above) return edgeMs(bucket);
  }
  return FIRST_EDGE_MS;
}

/** The share of series that were silent for longer. */
export function shareAbove({ series, longest }: Silences, ms: number): number {
  if (series === 0) return 0;
  return longest.reduce((sum, count, bucket) => sum + (edgeMs(bucket) > ms ? count : 0), 0) / series;
}
