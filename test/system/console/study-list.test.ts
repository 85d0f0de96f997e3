import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StudyList } from '../../../console/worklist/study-list.ts';
import type { Series } from '../../../functions/series/series.ts';
import { doneRow, failedRow, receivingRow, skippedRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import type { World } from '../../support/world/world.ts';
import { askApi } from '../../unit/api/ask-api.ts';

const NOW = Date.parse('2026-03-20T10:00:00.000Z');
const ago = (days: number) => new Date(NOW - days * 86_400_000).toISOString();

let world: World;
let isHidden = false;
let asked: Record<string, string>[] = [];
const watchers = new Set<() => void>();
beforeEach(() => {
  world = newWorld();
  isHidden = false;
  asked = [];
  vi.useFakeTimers({ now: NOW, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.stubGlobal('document', {
    get hidden() {
      return isHidden;
    },
    addEventListener: (_name: string, watch: () => void) => watchers.add(watch),
    removeEventListener: (_name: string, watch: () => void) => watchers.delete(watch),
  });
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => {});
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => run());
  vi.stubGlobal('fetch', async (given: string) => {
    const url = new URL(given, 'http://console.test');
    const query = Object.fromEntries(url.searchParams);
    asked.push(query);
    const { status, body } = await askApi(world, url.pathname, { query });
    return new Response(JSON.stringify(body), { status });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A series of the study `1.<study>`, the last change of which was so many days ago. */
function seed(row: Series, study: number, series: number, days: number): void {
  const ids = { studyInstanceUid: `1.${study}`, seriesInstanceUid: `1.${study}.${series}` };
  world.series.seed({ ...row, ...ids, source: 'north', changedAt: ago(days) });
}
const critical = () => doneRow({ usecase: 'qer' });
const routine = () => doneRow({ triageStatus: 'routine' });
/** Skipped now; an earlier generation had a critical result. */
const criticalBefore = () =>
  skippedRow({
    reason: 'no_route',
    generation: 2,
    earlierGenerations: [
      {
        generation: 1,
        state: 'DONE',
        changedAt: ago(3),
        leftAt: ago(2.5),
        leftFor: 'instances',
        triage: 'critical',
      },
    ],
  });

function shown(list: StudyList): Record<string, string[]> {
  const studies = list.sections.value.map(({ id, keys }) => [
    id,
    keys.map((key) => key.slice('north/1.'.length)),
  ]);
  return Object.fromEntries(studies);
}
async function openList(): Promise<{ list: StudyList; stop: () => void }> {
  const list = new StudyList({ search: '' });
  const stop = list.start();
  await vi.waitFor(() => {
    expect(list.sections.value.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready', 'ready']);
  });
  return { list, stop };
}

/** Studies whose place is decided by a series of before the period, and which have another one of today. */
function seedStudies(): void {
  seed(critical(), 1, 1, 5);
  seed(critical(), 2, 1, 10);
  seed(failedRow(), 2, 2, 1);
  seed(critical(), 3, 1, 10);
  seed(receivingRow(), 3, 2, 0.5);
  seed(criticalBefore(), 4, 1, 2);
  seed(failedRow(), 5, 1, 10);
  seed(routine(), 5, 2, 3);
  seed(failedRow(), 6, 1, 4);
  seed(routine(), 7, 1, 1);
}
const PLACES = { critical: ['3', '2', '4', '1'], underWay: [], failed: ['5', '6'], finished: ['7'] };

test('shows each study once, by its last change, where a series of before the period decides its section', async () => {
  seedStudies();
  const { list, stop } = await openList();
  expect(shown(list)).toEqual(PLACES);
  stop();
});

test('has the same studies at the same places when all is read anew', async () => {
  seedStudies();
  isHidden = true;
  const { list, stop } = await openList();
  vi.setSystemTime(NOW + 60_000);
  isHidden = false;
  for (const watch of watchers) watch();
  await vi.waitFor(() => expect(list.updatedAt.value).toBeGreaterThan(NOW));
  expect(asked.filter((query) => query['triage'] === 'critical')).toHaveLength(2);
  expect(shown(list)).toEqual(PLACES);
  stop();
});

test('moves such a study when it changes, and does not show it twice', async () => {
  seedStudies();
  const { list, stop } = await openList();
  await vi.waitFor(() => expect(list.updatedAt.value).toBeDefined());
  seed(receivingRow(), 5, 1, 0);
  seed(critical(), 6, 1, 0);
  await vi.advanceTimersByTimeAsync(3_000);
  await vi.waitFor(() => {
    expect(shown(list)).toEqual({
      critical: ['6', '3', '2', '4', '1'],
      underWay: ['5'],
      failed: [],
      finished: ['7'],
    });
  });
  stop();
});
