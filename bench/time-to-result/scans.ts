import { learn, newSender, type SenderHistory } from '@qure-dropoff/learned-quiet';
import { silenceLimits } from '../../functions/sources/silence.ts';
import { sampleUid } from '../../local/samples/sample-uids.ts';
import { chestXRay, ctSlice } from '../sample-files.ts';

/** A kind of scan, and how it is sent and computed. */
export interface ScanKind {
  /** Also the name of its source. */
  name: string;
  title: string;
  modality: string;
  images: number;
  /** From the compute call to the result. What Qure says of its products, or an estimate: docs/benchmarks.md. */
  computeSeconds: number;
  file(series: string, number: number, station: string): Buffer;
}

const X_RAY_BYTES = 10 * 1024 * 1024;

export const SCAN_KINDS: readonly ScanKind[] = [
  {
    name: 'head-ct',
    title: 'Head CT',
    modality: 'CT',
    images: 120,
    computeSeconds: 90,
    file: (series, instanceNumber, station) => ctSlice({ series, instanceNumber, station }),
  },
  {
    name: 'chest-ct',
    title: 'Chest CT',
    modality: 'CT',
    images: 240,
    computeSeconds: 150,
    file: (series, instanceNumber, station) => ctSlice({ series, instanceNumber, station, region: 'CHEST' }),
  },
  {
    name: 'x-ray',
    title: 'Chest X-ray',
    modality: 'DX',
    images: 1,
    computeSeconds: 15,
    file: (series, _number, station) => chestXRay(series, X_RAY_BYTES, station),
  },
];

/** 16 images of 512 KiB in a second: 67 Mbit/s. */
export const IMAGES_PER_SECOND = 16;

export function seriesUid(series: string): string {
  return sampleUid(`${series}/series`);
}

const KNOWN_SERIES = 120;
export const QUIET_PERIOD_SECONDS = 60;

/** What is known of a sender that has sent so many series at this pace, without a pause. */
export function knownHistory({ images, modality }: ScanKind): SenderHistory {
  const limits = silenceLimits(
    {
      completion: { mode: 'adaptive' },
      quietPeriodSeconds: QUIET_PERIOD_SECONDS,
      maxWaitSeconds: 900,
    },
    'routine',
  );
  let history = newSender();
  for (let series = 0; series < KNOWN_SERIES; series += 1) {
    const arrivals = Array.from({ length: images }, (_, at) => ({
      // As S3 tells times: to the second.
      atMs: Math.floor(at / IMAGES_PER_SECOND) * 1000,
      sopInstanceUid: `1.2.${series}.${at}`,
      number: at + 1,
    }));
    ({ history } = learn(history, arrivals, limits, modality));
  }
  return history;
}
