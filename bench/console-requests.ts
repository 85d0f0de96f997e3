import { addSeconds } from '../functions/shared/time.ts';
import type { Findings } from './benchmark.ts';
import { spreadText } from './rounds.ts';

const PERIOD_SECONDS = 7 * 86_400;

/** What the worklist asks for, by its parts: the first page of each, and what is above them. */
const REQUESTS: readonly { what: string; path(since: string): string }[] = [
  { what: 'critical, 20 studies', path: (since) => `v1/studies?triage=critical&limit=20&since=${since}` },
  { what: 'critical, 100 studies', path: (since) => `v1/studies?triage=critical&limit=100&since=${since}` },
  {
    what: 'waiting, 20 studies',
    path: () => 'v1/studies?state=RECEIVING,COMPLETE,UPLOADING,COMPUTING&sort=oldest&limit=20',
  },
  {
    what: 'finished, 20 studies',
    path: (since) => `v1/studies?state=DONE,SKIPPED,UNSUPPORTED,FAILED&limit=20&since=${since}`,
  },
  { what: 'counts', path: () => 'v1/series/counts' },
];

export interface RequestTimes {
  series: number;
  /** Milliseconds of each request, in their order. */
  rounds: readonly number[][];
}

export async function measureRequests(url: string, series: number, rounds: number): Promise<RequestTimes> {
  const since = addSeconds(new Date().toISOString(), -PERIOD_SECONDS);
  const times: number[][] = REQUESTS.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { path }] of REQUESTS.entries()) {
      const start = performance.now();
      const response = await fetch(new URL(path(since), url), {
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      await response.text();
      if (response.status !== 200) throw new Error(`expected 200 of ${path(since)}, got ${response.status}`);
      times[at]?.push(performance.now() - start);
    }
  }
  return { series, rounds: times };
}

export function requestFindings(sizes: readonly RequestTimes[]): Findings {
  return {
    title: 'Requests of the worklist: milliseconds',
    columns: ['', ...sizes.map(({ series }) => `${series.toLocaleString('en-US')} series`)],
    rows: REQUESTS.map(({ what }, at) => [what, ...sizes.map(({ rounds }) => spreadText(rounds[at] ?? []))]),
    notes: [
      'One after the other, to the local host with its table; one series in 50 is critical, one in 200 waits.',
    ],
  };
}
