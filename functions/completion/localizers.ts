import { isLocalizer, type QualityHeader, volumeOf } from '../routing/quality/volume.ts';
import type { Source } from '../sources/source.ts';

/** A series has one to three localizers; more images in another plane are more than that. */
const MAX_UNNAMED_LOCALIZERS = 3;
const MIN_SLICES_EACH = 4;

/**
 * The instances that Qure is given: all, or where the source leaves localizers out, all but those that lie in another plane than the
 * slices of a CT. All code that counts what Qure must hold counts these.
 */
export function instancesToUpload<H extends QualityHeader>(
  instances: readonly H[],
  { localizers }: Pick<Source, 'localizers'>,
): readonly H[] {
  const volume = localizers === 'leave_out' ? volumeOf(instances) : undefined;
  if (volume === undefined) return instances;
  const { offPlane, slices } = volume;
  const areFew =
    offPlane.length <= MAX_UNNAMED_LOCALIZERS && offPlane.length * MIN_SLICES_EACH <= slices.length;
  const leftOut = new Set(offPlane.filter((image) => isLocalizer(image) || areFew));
  return instances.filter((instance) => !leftOut.has(instance));
}
