import { EVIDENCE_FIELDS, type EvidenceField, type EvidenceTexts } from './evidence.ts';
import { PARTS_OF, type Region } from './regions.ts';
import { HEAD_NECK_SPINE } from './vocabulary.ts';
import { TRUNK_AND_LIMBS } from './vocabulary-trunk.ts';
import { termFinder } from './words.ts';

export interface NamedRegions {
  regions: ReadonlySet<Region>;
  /** The text that named them. */
  field: EvidenceField;
}

const findRows = termFinder(
  [...HEAD_NECK_SPINE, ...TRUNK_AND_LIMBS].flatMap((row) =>
    row.terms.split(',').map((term) => [term.trim(), row] as const),
  ),
);

/** Texts whose regions are remembered: a scanner repeats a few of them in every file. */
const MOST_KNOWN = 500;
const known = new Map<string, ReadonlySet<Region>>();

/** The regions that one text names. */
export function regionsInText(text: string): ReadonlySet<Region> {
  const before = known.get(text);
  if (before !== undefined) return before;
  const rows = [...findRows(text)];
  const strong = new Set(rows.filter((row) => row.isWeak !== true).flatMap((row) => row.regions));
  const regions = strong.size > 0 ? strong : new Set(rows.flatMap((row) => row.regions));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, regions);
  return regions;
}

/**
 * The regions that a series shows, by the first text that names any; `undefined` where none does.
 *
 * - Where Body Part Examined decides, the series description may narrow it: to what both name, or to a part
 *   (`PARTS_OF`) of what Body Part Examined names. It cannot widen or contradict it.
 * - Where head and chest are both named, the next text that names just one of them drops the other.
 */
export function regionsOf(texts: EvidenceTexts): NamedRegions | undefined {
  const named = EVIDENCE_FIELDS.map((field) => ({
    field,
    regions: regionsInText(texts[field] ?? ''),
  })).filter(({ regions }) => regions.size > 0);
  const [first, second] = named;
  if (first === undefined) return undefined;
  const isNarrowed = first.field === 'bodyPartExamined' && second?.field === 'seriesDescription';
  const regions = isNarrowed ? narrow(first.regions, second.regions) : new Set(first.regions);
  for (const { regions: other } of named.slice(1)) {
    if (!(regions.has('head') && regions.has('chest'))) break;
    if (other.has('head') !== other.has('chest')) regions.delete(other.has('head') ? 'chest' : 'head');
  }
  return { regions, field: first.field };
}

function narrow(wide: ReadonlySet<Region>, described: ReadonlySet<Region>): Set<Region> {
  const both = [...described].filter((region) => wide.has(region));
  if (both.length > 0) return new Set(both);
  const parts = [...wide].flatMap((region) => PARTS_OF[region] ?? []);
  const describedParts = parts.filter((region) => described.has(region));
  return new Set(describedParts.length > 0 ? describedParts : wide);
}
