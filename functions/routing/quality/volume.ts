import type { DicomHeader } from '@qure-dropoff/dicom';
import { defined } from '../../shared/defined.ts';
import { dot, type Orientation, orientationOf, placeAlong } from './plane.ts';

/** What quality is judged by. */
export type QualityHeader = Pick<
  DicomHeader,
  | 'sopInstanceUid'
  | 'sopClassUid'
  | 'modality'
  | 'imageType'
  | 'acquisitionNumber'
  | 'instanceNumber'
  | 'imagePositionMm'
  | 'imageOrientation'
  | 'convolutionKernel'
  | 'numberOfFrames'
  | 'rows'
  | 'columns'
  | 'expectedInstances'
>;

export interface Slice {
  header: QualityHeader;
  /** InstanceNumber. */
  number?: number;
  acquisition?: number;
  /** Millimetres along the normal of the plane that most slices have. */
  place?: number;
}

/** The slices of a CT series that have one plane, and what is beside them. */
export interface Volume<H extends QualityHeader = QualityHeader> {
  slices: Slice[];
  /** Of the plane; absent where no slice has one. */
  orientation?: Orientation;
  /** In another plane than the slices: a localizer. */
  offPlane: H[];
  /** No slices: dose pages and the like. */
  others: H[];
}

const CT_CLASS = '1.2.840.10008.5.1.4.1.1.2';

/** 20 degrees: slices of a head that were tilted in two ways are still axial. */
const SAME_PLANE = Math.cos(Math.PI / 9);

/**
 * `undefined` where nothing can be said: no CT, a multi-frame object (its frames have their positions inside), only localizers, or
 * planes of which no one has most slices (a rotating projection).
 */
export function volumeOf<H extends QualityHeader>(instances: readonly H[]): Volume<H> | undefined {
  if (instances.some(({ numberOfFrames = 1 }) => numberOfFrames > 1)) return undefined;
  const images = instances.filter(isCtImage);
  const candidates = images.filter((image) => !isLocalizer(image));
  if (candidates.length === 0) return undefined;
  const others = instances.filter((instance) => !isCtImage(instance));
  const orientation = mostFrequentOrientation(candidates);
  const isInPlane = (image: H) => {
    const own = orientationOf(image);
    if (own === undefined || orientation === undefined) return true;
    return Math.abs(dot(own.normal, orientation.normal)) >= SAME_PLANE;
  };
  const inPlane = candidates.filter(isInPlane);
  if (inPlane.length * 2 < candidates.length) return undefined;
  const kept = new Set<H>(inPlane);
  const offPlane = images.filter((image) => !kept.has(image));
  const slices = inPlane.map((image) => toSlice(image, orientation));
  return { slices, ...defined({ orientation }), offPlane, others };
}

/** Secondary captures with the modality CT are no slices. */
function isCtImage({ sopClassUid, modality }: QualityHeader): boolean {
  return sopClassUid === undefined ? modality?.trim().toUpperCase() === 'CT' : sopClassUid === CT_CLASS;
}

export function isLocalizer({ imageType }: Pick<QualityHeader, 'imageType'>): boolean {
  return imageType?.some((value) => value.toUpperCase() === 'LOCALIZER') === true;
}

function mostFrequentOrientation(images: readonly QualityHeader[]): Orientation | undefined {
  const counts = new Map<string, { orientation: Orientation; images: number }>();
  for (const image of images) {
    const orientation = orientationOf(image);
    if (orientation === undefined) continue;
    const key = image.imageOrientation?.map((cosine) => Math.round(cosine * 100)).join(' ') ?? '';
    const counted = counts.get(key);
    if (counted === undefined) counts.set(key, { orientation, images: 1 });
    else counted.images += 1;
  }
  // The order of the instances must change nothing.
  const [most] = [...counts].sort(
    ([key, one], [otherKey, other]) => other.images - one.images || (key < otherKey ? -1 : 1),
  );
  return most?.[1].orientation;
}

function toSlice(header: QualityHeader, orientation: Orientation | undefined): Slice {
  const { instanceNumber, acquisitionNumber } = header;
  const place = orientation === undefined ? undefined : placeAlong(header, orientation.normal);
  return {
    header,
    ...(Number.isSafeInteger(instanceNumber) ? { number: Number(instanceNumber) } : {}),
    ...defined({ acquisition: acquisitionNumber, place }),
  };
}
