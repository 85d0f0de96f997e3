import type { QualityHeader } from '../../../../functions/routing/quality/volume.ts';

const AXIAL = [1, 0, 0, 0, 1, 0];

/** Slice `at`, from 0, of a head CT of 2.5 mm, as a scanner numbers and places it. */
export function ctSlice(at: number, overrides: Partial<QualityHeader> = {}): QualityHeader {
  return {
    sopInstanceUid: `1.2.3.${overrides.acquisitionNumber ?? 1}.${at + 1}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    modality: 'CT',
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    acquisitionNumber: 1,
    instanceNumber: at + 1,
    imagePositionMm: [-125, -125, at * 2.5],
    imageOrientation: AXIAL,
    convolutionKernel: 'H30s',
    rows: 512,
    columns: 512,
    ...overrides,
  };
}

export type SliceMaker = (at: number) => QualityHeader;

export function scan(count: number, slice: SliceMaker = (at) => ctSlice(at)): QualityHeader[] {
  return Array.from({ length: count }, (_, at) => slice(at));
}

/** All but the slices with these indexes. */
export function without<H>(slices: readonly H[], ...indexes: number[]): H[] {
  return slices.filter((_, at) => !indexes.includes(at));
}

export function localizer(overrides: Partial<QualityHeader> = {}): QualityHeader {
  return ctSlice(0, {
    sopInstanceUid: '1.2.3.9.1',
    imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
    imagePositionMm: [0, 265, 50],
    imageOrientation: [0, -1, 0, 0, 0, -1],
    acquisitionNumber: 0,
    rows: 888,
    columns: 733,
    ...overrides,
  });
}

const absent = (...names: (keyof QualityHeader)[]): SliceMaker => {
  return (at) => {
    const slice = { ...ctSlice(at) };
    for (const name of names) delete slice[name];
    return slice;
  };
};
const placed = (zOf: (at: number) => number): SliceMaker => {
  return (at) => ctSlice(at, { imagePositionMm: [-125, -125, zOf(at)] });
};
const numbered = (numberOf: (at: number) => number): SliceMaker => {
  return (at) => ctSlice(at, { instanceNumber: numberOf(at) });
};
const round = (mm: number, decimals: number) => Number(mm.toFixed(decimals));

/** Whole series as scanners and archives make them: nothing is to be said of any. Each has 300 slices unless it says so. */
export const WHOLE_SERIES: { name: string; slices: QualityHeader[] }[] = [
  { name: 'numbered from 1, upwards', slices: scan(300) },
  {
    name: 'numbered from 0',
    slices: scan(
      300,
      numbered((at) => at),
    ),
  },
  {
    name: 'numbered on from another series',
    slices: scan(
      300,
      numbered((at) => at + 1001),
    ),
  },
  {
    name: 'numbered downwards',
    slices: scan(
      300,
      numbered((at) => 300 - at),
    ),
  },
  {
    name: 'every second number',
    slices: scan(
      300,
      numbered((at) => 2 * at + 1),
    ),
  },
  {
    name: 'every tenth number',
    slices: scan(
      300,
      numbered((at) => 10 * at),
    ),
  },
  { name: 'without positions', slices: scan(300, absent('imagePositionMm')) },
  { name: 'without orientations', slices: scan(300, absent('imageOrientation')) },
  { name: 'without numbers', slices: scan(300, absent('instanceNumber')) },
  {
    name: 'every number 1',
    slices: scan(
      300,
      numbered(() => 1),
    ),
  },
  {
    name: 'positions of one decimal',
    slices: scan(
      300,
      placed((at) => round(at * 0.625, 1)),
    ),
  },
  {
    name: 'positions with noise',
    slices: scan(
      300,
      placed((at) => at * 1.25 + 0.004 * Math.sin(at * 7)),
    ),
  },
  {
    name: 'a tilted gantry',
    slices: scan(300, (at) =>
      ctSlice(at, {
        imageOrientation: [1, 0, 0, 0, 0.9272, -0.3746],
        imagePositionMm: [-110.215, -98.19, round(at * 5, 3)],
      }),
    ),
  },
  {
    name: 'an oblique reformat',
    slices: scan(300, (at) =>
      ctSlice(at, {
        imageOrientation: [0.6, 0.8, 0, 0, 0, -1],
        imagePositionMm: [round(-0.8 * at, 3), round(0.6 * at, 3), 120],
      }),
    ),
  },
  {
    name: 'thin slices of the posterior fossa, thick ones above (30 slices)',
    slices: scan(
      30,
      placed((at) => (at < 12 ? at * 2.5 : 30 + (at - 12) * 5)),
    ),
  },
  {
    name: 'thin, then thick, with the distance of their middles between (30 slices)',
    slices: scan(
      30,
      placed((at) => (at < 12 ? at * 2.5 : 31.25 + (at - 12) * 5)),
    ),
  },
  {
    name: 'thin and thick in two tilts (30 slices)',
    slices: scan(
      30,
      placed((at) => (at < 12 ? at * 3 : 36 + (at - 12) * 8)),
    ),
  },
  {
    name: 'one thick slice at the end (20 slices)',
    slices: scan(
      20,
      placed((at) => (at < 19 ? at * 2.5 : 19 * 2.5 + 2.5)),
    ),
  },
  {
    name: 'thin slices every centimetre',
    slices: scan(
      30,
      placed((at) => at * 10),
    ),
  },
  {
    name: 'groups of four, with gaps between (32 slices)',
    slices: scan(
      32,
      placed((at) => at * 1.25 + Math.floor(at / 4) * 10),
    ),
  },
  {
    name: 'three groups of four (12 slices)',
    slices: scan(
      12,
      placed((at) => at * 1.25 + Math.floor(at / 4) * 10),
    ),
  },
  {
    name: 'pairs, with gaps between (20 slices)',
    slices: scan(
      20,
      placed((at) => at * 5 + Math.floor(at / 2) * 10),
    ),
  },
  {
    name: 'positions at will (20 slices)',
    slices: scan(
      20,
      placed((at) => at * at * 1.3 + 3 * (at % 3)),
    ),
  },
  {
    name: 'an AcquisitionNumber for each rotation',
    slices: scan(300, (at) => ctSlice(at, { acquisitionNumber: 1 + Math.floor(at / 4) })),
  },
  {
    name: 'two phases with acquisitions of their own, numbered on',
    slices: scan(300, (at) =>
      ctSlice(at, {
        acquisitionNumber: at < 150 ? 3 : 4,
        imagePositionMm: [-125, -125, (at % 150) * 2.5],
      }),
    ),
  },
  {
    name: 'two phases, each numbered from 1',
    slices: scan(300, (at) =>
      ctSlice(at, {
        sopInstanceUid: `1.2.3.${at + 1}`,
        acquisitionNumber: at < 150 ? 3 : 4,
        instanceNumber: (at % 150) + 1,
        imagePositionMm: [-125, -125, (at % 150) * 2.5],
      }),
    ),
  },
  {
    name: 'two phases that no header tells apart',
    slices: scan(300, (at) => ctSlice(at, { imagePositionMm: [-125, -125, (at % 150) * 2.5] })),
  },
  {
    name: 'two phases, the second numbered from 201',
    slices: scan(300, (at) =>
      ctSlice(at, {
        instanceNumber: at < 150 ? at + 1 : at + 51,
        imagePositionMm: [-125, -125, (at % 150) * 2.5],
      }),
    ),
  },
  {
    name: 'a perfusion: 10 positions, 30 times each, numbered by time',
    slices: scan(300, (at) => ctSlice(at, { imagePositionMm: [-125, -125, (at % 10) * 5] })),
  },
  {
    name: 'a perfusion, numbered by position',
    slices: scan(
      300,
      placed((at) => Math.floor(at / 30) * 5),
    ),
  },
  {
    name: 'bolus tracking: one position',
    slices: scan(
      20,
      placed(() => 40),
    ),
  },
  {
    name: 'two blocks of numbers over one stack',
    slices: scan(
      60,
      numbered((at) => (at < 30 ? at + 1 : at + 271)),
    ),
  },
  {
    name: 'two blocks of numbers without positions',
    slices: scan(60, (at) => {
      const { imagePositionMm: _none, ...slice } = ctSlice(at);
      return { ...slice, instanceNumber: at < 30 ? at + 1 : at + 271 };
    }),
  },
  {
    name: 'numbers in no order',
    slices: scan(
      300,
      numbered((at) => ((at * 7) % 300) + 1),
    ),
  },
  { name: 'two slices', slices: scan(2) },
  {
    name: 'two slices far apart in number',
    slices: scan(
      2,
      numbered((at) => 1 + 9 * at),
    ),
  },
  { name: 'one slice', slices: scan(1) },
  { name: 'only localizers', slices: [localizer(), localizer({ imageOrientation: [1, 0, 0, 0, 0, -1] })] },
  {
    name: 'a rotating projection',
    slices: scan(24, (at) => {
      const angle = (at * Math.PI) / 24;
      return ctSlice(at, { imageOrientation: [Math.cos(angle), Math.sin(angle), 0, 0, 0, -1] });
    }),
  },
  { name: 'as many as claimed', slices: scan(300, (at) => ctSlice(at, { expectedInstances: 300 })) },
  { name: 'more than claimed', slices: scan(300, (at) => ctSlice(at, { expectedInstances: 150 })) },
  {
    name: 'a dose page that has a number of the stack',
    slices: [
      ctSlice(56, { sopClassUid: '1.2.840.10008.5.1.4.1.1.7', rows: 1024, columns: 1024 }),
      ...without(scan(300), 56),
    ].map(({ imagePositionMm: _none, ...slice }) => slice),
  },
  { name: 'a multi-frame object', slices: [ctSlice(0, { numberOfFrames: 300 }), ctSlice(4), ctSlice(9)] },
  {
    name: 'chest films, each with the number 1',
    slices: scan(2, (at) =>
      ctSlice(at, {
        modality: 'DX',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
        instanceNumber: 1,
        expectedInstances: 4,
      }),
    ),
  },
  {
    name: 'an MR with a hole',
    slices: without(
      scan(20, (at) => ctSlice(at, { modality: 'MR', sopClassUid: '1.2.840.10008.5.1.4.1.1.4' })),
      7,
    ),
  },
  { name: 'nothing', slices: [] },
];
