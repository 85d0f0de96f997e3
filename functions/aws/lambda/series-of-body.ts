import { isValidUid } from '@qure-dropoff/dicom';
import type { SeriesId } from '../../instances/series-id.ts';
import * as z from '../../shared/schema.ts';
import { isSourceName } from '../../sources/sources-document.ts';

const seriesFields = z.object({
  source: z.string().check(z.refine(isSourceName)),
  seriesInstanceUid: z.string().check(z.refine(isValidUid)),
});

/** Of which series a message of any body is, for a log line. `{}` for another one: what a body holds else may be anything. */
export function seriesOfBody(body: string): Partial<SeriesId> {
  try {
    return seriesFields.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}
