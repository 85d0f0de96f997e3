import { beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedCloud } from '../../../bench/embedded-cloud.ts';
import { arrivalsOf, runQueue } from '../../../bench/scale/day.ts';
import { type Load, loadOf, useOf } from '../../../bench/scale/load.ts';
import { mixesOf } from '../../../bench/scale/scale.ts';
import { countCt, countXRay, type SeriesWork } from '../../../bench/scale/series-work.ts';

describe('a day', () => {
  it('has all its instances, and a burst', () => {
    const { mean, busyHour, burst, perSecond } = arrivalsOf(86_400);
    expect(mean).toBe(1);
    expect(busyHour).toBeGreaterThan(2);
    expect(burst).toBeCloseTo(busyHour + 20);
    const day = perSecond.slice(0, 86_400).reduce((sum, count) => sum + count);
    expect(day).toBeCloseTo(86_400 + 20 * 600, 0);
  });
});

describe('a queue', () => {
  it('that keeps up has no old messages', () => {
    const { oldestSeconds, busiest } = runQueue(Float64Array.from([5, 5, 5]), 5);
    expect([oldestSeconds, busiest]).toEqual([0, 5]);
  });

  it('works a burst off in order, and tells the age of the oldest', () => {
    const { oldestSeconds, perSecond } = runQueue(Float64Array.from([100, 0, 0, 0, 0, 0]), 25);
    expect([...perSecond]).toEqual([25, 25, 25, 25, 0, 0]);
    expect(oldestSeconds).toBe(2);
  });
});

/** Small, so that it takes a second; what a series writes for itself does not depend on its slices. */
const SLICES = 12;
let works: { ct: SeriesWork; xRay: SeriesWork };
beforeAll(async () => {
  const cloud = await startEmbeddedCloud();
  works = { ct: await countCt(cloud, SLICES), xRay: await countXRay(cloud) };
  await cloud.close();
}, 300_000);

describe('the counted work', () => {
  it('has a row for each instance, and no index entry for it', () => {
    const { ct, xRay } = works;
    expect([ct.instances, xRay.instances]).toEqual([SLICES, 1]);
    const units = (work: SeriesWork) => [...work.indexUnits.values()].reduce((sum, count) => sum + count);
    expect(Math.abs(units(ct) - units(xRay))).toBeLessThan(10);
    expect(ct.writeUnits).toBeGreaterThan(SLICES + units(ct));
  });

  it('has few writes in the index of what is due', () => {
    for (const { indexUnits } of Object.values(works)) expect(indexUnits.get('byDue')).toBeLessThan(20);
  });
});

describe('the load', () => {
  const loads = (instances: number): Load[] => {
    const ct = { ...works.ct, instances: 300, writeUnits: works.ct.writeUnits + 300, reads: 600 };
    return mixesOf(ct, works.xRay).map((mix) => loadOf(mix, instances));
  };
  const broken = (load: Load) => load.limits.filter((limit) => useOf(limit) > 1);

  it('of a hospital meets no limit, with the concurrency of the default', () => {
    for (const load of loads(1e5)) {
      expect(broken(load)).toEqual([]);
      expect(load.concurrency).toMatchObject({ ingest: 50, completion: 20 });
    }
  });

  it('of 10^7 instances a day breaks nothing', () => {
    for (const load of loads(1e7).filter(({ mix }) => mix !== 'X-ray')) expect(broken(load)).toEqual([]);
  });

  it('of 10^7 X-rays, and of 10^8 instances, breaks quotas of AWS alone', () => {
    for (const load of [...loads(1e7), ...loads(1e8).filter(({ mix }) => mix !== 'X-ray')])
      expect(broken(load).filter(({ kind }) => kind === 'ours')).toEqual([]);
  });

  it('of 10^8 breaks quotas of AWS first, whatever the mix', () => {
    for (const load of loads(1e8)) expect(broken(load)[0]).toMatchObject({ kind: 'quota' });
  });
});
