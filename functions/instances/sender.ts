import { createHash } from 'node:crypto';
import type { Instance } from './instance.ts';

/**
 * Names what an instance came from, as far as its headers tell: the station, or the model where none is named, and the modality.
 * Files of an archive are apart, since all of them come at once. A hash: headers may hold any text. Of one source.
 */
export function senderOf({
  stationName,
  manufacturer,
  manufacturerModelName,
  modality,
  object,
}: Pick<Instance, 'stationName' | 'manufacturer' | 'manufacturerModelName' | 'modality' | 'object'>): string {
  const station = stationName === undefined ? [manufacturer, manufacturerModelName] : [stationName];
  const way = object.entry === undefined ? 'file' : 'archive';
  return createHash('sha256')
    .update(JSON.stringify([way, modality, ...station]))
    .digest('base64url')
    .slice(0, 16);
}
