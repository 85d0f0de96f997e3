import { type AssetIdentity, isForeign } from '../instances/identity.ts';
import type { InstanceStore } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';

/**
 * Tells whether a DICOM file among the assets is foreign to a series. What is of any one instance is not: all of them, perhaps
 * thousands of rows, are read only where an asset is not of the first.
 */
export async function foreignTo(
  instances: Pick<InstanceStore, 'anyOf' | 'ofSeries'>,
  series: SeriesId,
): Promise<(asset: AssetIdentity) => Promise<boolean>> {
  const any = await instances.anyOf(series);
  let all: ReturnType<InstanceStore['ofSeries']> | undefined;
  return async (asset) => {
    if (any !== undefined && !isForeign(asset, [any])) return false;
    all ??= instances.ofSeries(series);
    return isForeign(asset, await all);
  };
}
