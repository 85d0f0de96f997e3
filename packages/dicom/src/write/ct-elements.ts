import type { DicomElement } from './element-writer.ts';
import { imageElements } from './instance-elements.ts';
import type { Phantom } from './phantoms.ts';

/** The offset of stored values to Hounsfield units, as on most scanners: CT pixels are then unsigned. */
const RESCALE_INTERCEPT = -1024;

/** The position of a slice; it is centred on the axis of the gantry. */
export interface SlicePlace {
  thicknessMm: number;
  /** Along the axis. */
  positionMm: number;
  pixelSpacingMm: number;
}

/** CT Image and Image Plane modules (PS3.3 sections C.8.2.1 and C.7.6.2), and the pixels. */
export function ctElements(
  phantom: Phantom,
  place: SlicePlace,
  window: { centre: number; width: number },
  frameOfReferenceUid: string,
): DicomElement[] {
  const left = (-place.pixelSpacingMm * phantom.columns) / 2;
  const top = (-place.pixelSpacingMm * phantom.rows) / 2;
  const stored = { ...phantom, pixels: phantom.pixels.map((hu) => Math.max(0, hu - RESCALE_INTERCEPT)) };
  return [
    { tag: 0x00180050, vr: 'DS', value: place.thicknessMm },
    { tag: 0x00180060, vr: 'DS', value: 120 },
    { tag: 0x00185100, vr: 'CS', value: 'HFS' },
    { tag: 0x00200032, vr: 'DS', value: [left, top, place.positionMm] },
    { tag: 0x00200037, vr: 'DS', value: [1, 0, 0, 0, 1, 0] },
    { tag: 0x00200052, vr: 'UI', value: frameOfReferenceUid },
    { tag: 0x00280030, vr: 'DS', value: [place.pixelSpacingMm, place.pixelSpacingMm] },
    { tag: 0x00281052, vr: 'DS', value: RESCALE_INTERCEPT },
    { tag: 0x00281053, vr: 'DS', value: 1 },
    { tag: 0x00281054, vr: 'LO', value: 'HU' },
    ...imageElements(stored, { stored: 16, isSigned: false }, window),
  ];
}
