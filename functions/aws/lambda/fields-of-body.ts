import { isValidUid } from '@qure-dropoff/dicom';
import type { SeriesId } from '../../instances/series-id.ts';
import { type CompletionMessage, completionMessage } from '../../series/messages.ts';
import * as z from '../../shared/schema.ts';
import { isSourceName } from '../../sources/sources-document.ts';

/** Made for the first message that fails. */
const kindField = z.lazy(() =>
  z.object({
    kind: z.literal(completionMessage.def.getter().def.options.flatMap(({ shape }) => shape.kind.def.values)),
  }),
);

const seriesFields = z.lazy(() =>
  z.object({
    source: z.string().check(z.refine(isSourceName)),
    seriesInstanceUid: z.string().check(z.refine(isValidUid)),
  }),
);

/**
 * Of which kind and which series a message of any body is, for a log line. `{}` for another one: what a body holds else may
 * be anything. Only messages of the completion queue have kinds.
 */
export function fieldsOfBody(body: string): Partial<SeriesId & Pick<CompletionMessage, 'kind'>> {
  try {
    const value: unknown = JSON.parse(body);
    return { ...kindField.safeParse(value).data, ...seriesFields.safeParse(value).data };
  } catch {
    return {};
  }
}
