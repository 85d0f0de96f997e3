import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METRIC_DIMENSIONS, METRICS, type MetricName } from '../../../functions/shared/metrics.ts';
import { synthesize } from '../infra/synthesized-template.ts';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const PAGE = readFileSync(`${REPOSITORY}docs/metrics.md`, 'utf8');
const NAMES = Object.keys(METRICS) as MetricName[];

/** Each name with its dimensions, as the functions emit them. */
const emitted = globSync('functions/**/*.ts', { cwd: REPOSITORY }).flatMap((path) =>
  [
    ...readFileSync(REPOSITORY + path, 'utf8').matchAll(
      /\bmeter\(\s*'(\w+)',([^{;]*)(?:\{([^;]*?)\}\)?)?\s*\)?;/g,
    ),
  ].map(([, name = '', value = '', told = '']) => ({
    name,
    // A zero of the whole deployment says that nothing is the matter with any of its parts.
    isZeroOfAll: value.trim() === '0)',
    told: [...told.matchAll(/\b(\w+)\b/g)].map(([, word]) => word),
  })),
);

describe('every metric of the table', () => {
  test.each(NAMES)('%s is emitted, with what it is told apart by', (name) => {
    const places = emitted.filter((place) => place.name === name);
    expect(places.length).toBeGreaterThan(0);
    for (const { told } of places.filter(({ isZeroOfAll }) => !isZeroOfAll)) {
      for (const dimension of new Set(METRICS[name].dimensions.flat())) expect(told).toContain(dimension);
    }
  });

  test.each(NAMES)('%s has its row in docs/metrics.md, with unit and dimensions', (name) => {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
    const [, , unit, dimensions] = row.split('|').map((cell) => cell.trim());
    expect(unit).toBe(METRICS[name].unit);
    const sets = METRICS[name].dimensions.map((set) => set.map((one) => METRIC_DIMENSIONS[one]).join(' + '));
    expect(dimensions).toBe(sets.length === 0 ? '–' : sets.map((set) => `\`${set}\``).join(', '));
  });

  test('no dimension can hold a UID, a key or another thing of which there are many', () => {
    expect(Object.keys(METRIC_DIMENSIONS).sort()).toEqual(
      ['cause', 'evidence', 'product', 'reason', 'source', 'stage', 'status', 'usecase'].sort(),
    );
  });
});

test('every alarm on a metric of the pipeline asks for one that is emitted so', () => {
  const alarms = synthesize()
    .ofType('AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => Properties)
    .filter(({ Namespace }) => Namespace === 'QureDropoff');
  expect(alarms.map(({ MetricName }) => MetricName).sort()).toEqual(
    [
      'ObjectsQuarantined',
      'ObjectsUnreadable',
      'OpenCircuits',
      'SeriesFailed',
      'SeriesOverdue',
      'SweptSeries',
    ].sort(),
  );
  for (const { MetricName, Dimensions } of alarms) {
    expect(NAMES).toContain(MetricName);
    expect(Dimensions).toContainEqual({ Name: 'App', Value: 'qure-dropoff' });
  }
});
