/**
 * The parts of the body that routing tells apart: as fine as the choice of a product needs, no finer.
 * `face` is what is scanned at the head without being a brain scan (sinuses, orbits, temporal bone, jaw, skull base);
 * `ribs` and `heart` lie in the chest without being an examination of the lungs. Imports nothing.
 */
export const REGIONS = [
  'head',
  'face',
  'neck',
  'chest',
  'heart',
  'ribs',
  'spine',
  'abdomen',
  'limb',
  'wholeBody',
] as const;
export type Region = (typeof REGIONS)[number];

/**
 * Parts that a series description may name inside, or beside, what Body Part Examined names: the scanned range
 * carries one Body Part Examined, its reconstructions are told apart by their description ("HEAD" with "C-SPINE 2.0").
 */
export const PARTS_OF: Partial<Record<Region, readonly Region[]>> = {
  head: ['face', 'neck', 'spine'],
  neck: ['spine', 'face'],
  chest: ['heart', 'ribs', 'spine'],
  wholeBody: REGIONS,
};
