import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAwaited, isIncomplete, qualityOf } from '../../../../functions/routing/quality/series-quality.ts';
import type { QualityHeader } from '../../../../functions/routing/quality/volume.ts';
import { ctSlice, localizer, scan, WHOLE_SERIES, without } from './scans.ts';

describe('a whole series', () => {
  it.each(WHOLE_SERIES)('has no warning: $name', ({ slices }) => {
    expect(qualityOf(slices)).toBeUndefined();
  });
});

/** Of these nothing is judged, or the headers have nothing by which a slice could be missed. */
const SILENT = ['a rotating projection', 'a multi-frame object', 'chest films', 'an MR', 'only localizers'];

/** The last slice of the first pass and the first of the next are ends of their passes. */
const isEnd = (name: string, at: number) =>
  (name.startsWith('a dose page') && at === 1) ||
  (name.startsWith('two phases') && (at === 149 || at === 150)) ||
  (name.startsWith('two blocks of numbers without') && (at === 29 || at === 30));

describe('a missing slice between two others', () => {
  const judged = WHOLE_SERIES.filter(
    ({ name, slices }) => slices.length > 3 && !SILENT.some((silent) => name.startsWith(silent)),
  );
  it.each(judged)('is reported: $name', ({ name, slices }) => {
    // All of them take a minute; these hit every place of a rotation, a group and a pass.
    const step = Math.max(1, Math.floor(slices.length / 40));
    const last = slices.length - 2;
    const indexes = [1, 2, 148, 149, 150, 151, last - 1, last];
    for (let at = 1; at <= last; at += step) indexes.push(at);
    for (const at of indexes.filter((index) => index <= last && !isEnd(name, index))) {
      const quality = qualityOf(without(slices, at));
      expect(quality, `slice ${at} of ${slices.length}`).toBeDefined();
      expect(isAwaited(quality ?? {}) && isIncomplete(quality ?? {}), `slice ${at}`).toBe(true);
    }
  });

  it('REQ-QUAL-1: is reported with its number', () => {
    expect(qualityOf(without(scan(300), 56))).toEqual({ missing: [57], gaps: 1 });
  });

  it('is reported although the others were renumbered', () => {
    const slices = without(scan(300), 56).map((slice, at) => ({ ...slice, instanceNumber: at + 1 }));
    expect(qualityOf(slices)).toEqual({ gaps: 1 });
  });

  it('is reported alike for any order of the instances', () => {
    const slices = without(scan(40), 3, 20, 21);
    const said = qualityOf(slices);
    expect(said).toEqual({ missing: [4, 21, 22], gaps: 2 });
    expect(qualityOf([...slices].reverse())).toEqual(said);
    expect(qualityOf([...slices].sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? 1 : -1)))).toEqual(
      said,
    );
  });

  it('is reported only by the claim if it is the first or the last one', () => {
    const slices = scan(300, (at) => ctSlice(at, { expectedInstances: 300 }));
    for (const at of [0, 299]) {
      const quality = qualityOf(without(slices, at));
      expect(quality).toEqual({ claimedInstances: 300 });
      expect([isAwaited(quality ?? {}), isIncomplete(quality ?? {})]).toEqual([true, false]);
    }
    expect(qualityOf(without(scan(300), 299))).toBeUndefined();
  });

  it('is listed up to a bound', () => {
    const every = scan(400).filter((_, at) => at < 20 || at >= 380);
    expect(qualityOf(every)?.missing).toHaveLength(50);
  });
});

describe('other warnings', () => {
  const CASES: { name: string; slices: QualityHeader[]; said: object }[] = [
    {
      name: 'one number twice, at two places',
      slices: scan(24, (at) => ctSlice(at, { instanceNumber: at === 11 ? 11 : at + 1 })),
      said: { missing: [12], doubled: [11] },
    },
    {
      name: 'one slice twice',
      slices: [...scan(24), ctSlice(11, { sopInstanceUid: '1.2.3.1.99' })],
      said: { doubled: [12], doubledPositions: 2 },
    },
    {
      name: 'all slices twice',
      slices: [...scan(24), ...scan(24, (at) => ctSlice(at, { sopInstanceUid: `1.2.4.${at}` }))],
      said: { doubled: Array.from({ length: 24 }, (_, at) => at + 1) },
    },
    {
      name: 'two slices at one place',
      slices: scan(24, (at) => ctSlice(at, { imagePositionMm: [0, 0, (at === 11 ? 10 : at) * 2.5] })),
      said: { gaps: 1, doubledPositions: 2 },
    },
    {
      name: 'a slice of the second phase is missing',
      slices: without(
        scan(60, (at) =>
          ctSlice(at, {
            sopInstanceUid: `1.2.3.${at}`,
            acquisitionNumber: at < 30 ? 1 : 2,
            instanceNumber: (at % 30) + 1,
            imagePositionMm: [0, 0, (at % 30) * 2.5],
          }),
        ),
        45,
      ),
      said: { missing: [16], gaps: 1 },
    },
    { name: 'a localizer', slices: [localizer({ instanceNumber: 400 }), ...scan(24)], said: { offPlane: 1 } },
    {
      name: 'a localizer whose number stands between those of the slices',
      slices: [
        localizer({ instanceNumber: 12 }),
        ...scan(24, (at) => ctSlice(at, { instanceNumber: at < 11 ? at + 1 : at + 2 })),
      ],
      said: { offPlane: 1 },
    },
    {
      name: 'a plane of its own that does not call itself a localizer',
      slices: [localizer({ imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'], instanceNumber: 0 }), ...scan(24)],
      said: { offPlane: 1 },
    },
    {
      name: 'two matrices',
      slices: scan(24, (at) => ctSlice(at, at === 5 ? { rows: 256, columns: 256 } : {})),
      said: { mixed: ['matrix'] },
    },
    {
      name: 'two kernels',
      slices: scan(24, (at) => ctSlice(at, at < 12 ? { convolutionKernel: 'H60s' } : {})),
      said: { mixed: ['kernel'] },
    },
    {
      name: 'two tilts',
      slices: scan(24, (at) =>
        ctSlice(at, at < 6 ? { imageOrientation: [1, 0, 0, 0, 0.9848, -0.1736] } : {}),
      ),
      said: { mixed: ['orientation'] },
    },
    {
      name: 'fewer than the headers claim',
      slices: scan(24, (at) => ctSlice(at, { expectedInstances: 30 })),
      said: { claimedInstances: 30 },
    },
  ];
  it.each(CASES)('$name', ({ slices, said }) => {
    expect(qualityOf(slices)).toEqual(said);
  });
});

describe('any header', () => {
  const odd = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300, 2 ** 53, 999_999_999_999),
    fc.double(),
  );
  const header: fc.Arbitrary<QualityHeader> = fc.record(
    {
      sopInstanceUid: fc.uuid(),
      modality: fc.constantFrom('CT', ' ct', 'MR'),
      imageType: fc.constantFrom([], ['LOCALIZER'], ['ORIGINAL']),
      acquisitionNumber: odd,
      instanceNumber: odd,
      imagePositionMm: fc.array(odd, { maxLength: 4 }),
      imageOrientation: fc.oneof(fc.constant<number[]>([1, 0, 0, 0, 1, 0]), fc.array(odd, { maxLength: 7 })),
      convolutionKernel: fc.constantFrom('A', 'B'),
      rows: odd,
      columns: odd,
      expectedInstances: odd,
    },
    { requiredKeys: ['sopInstanceUid'] },
  );

  it('is checked without an error, with the same result in any order', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 30 }), (headers) => {
        const said = qualityOf(headers);
        expect(qualityOf([...headers].reverse())).toEqual(said);
        for (const numbers of [said?.missing ?? [], said?.doubled ?? []]) {
          expect(numbers.length).toBeLessThanOrEqual(50);
          expect(numbers.every(Number.isSafeInteger)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is checked for ten thousand slices that have nothing in common', () => {
    const slices = scan(10_000, (at) =>
      ctSlice(at, {
        instanceNumber: (at * 7_919) % 1_000_003,
        imagePositionMm: [0, 0, Math.sin(at) * 1e5],
        imageOrientation: [Math.cos(at), Math.sin(at), 0, -Math.sin(at), Math.cos(at), 0],
      }),
    );
    expect(qualityOf(slices)).toMatchObject({ mixed: ['orientation'] });
  });
});
