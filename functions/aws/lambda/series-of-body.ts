import { isValidUid } from '@qure-dropoff/dicom';
import * as z from 'zod';
import type { SeriesId } from '../../instances/series-id.ts';
import { isSourceName } from '../../sources/sources-document.ts';

const seriesFields = z.object({
  source: z.string().refine(isSourceName),
  seriesInstanceUid: z.string().refine(isValidUid),
});

/** Of which series a message of any body is, for a log line. `{}` for another one: what a body holds else may be anything. */
export function seriesOfBody(body: string): Partial<SeriesId> {
  try {
    return seriesFields.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}
