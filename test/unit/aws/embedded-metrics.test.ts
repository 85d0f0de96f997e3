import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createEmbeddedMetrics } from '../../../functions/aws/embedded-metrics.ts';
import {
  METRICS,
  type Meter,
  type MetricName,
  type MetricsBySource,
} from '../../../functions/shared/metrics.ts';

/**
 * The schema that AWS publishes for such lines, without its titles, examples and ids.
 * Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".
 */
const UNITS =
  '^(Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|Terabits|Percent|Count|Bytes\\/Second|Kilobytes\\/Second|Megabytes\\/Second|Gigabytes\\/Second|Terabytes\\/Second|Bits\\/Second|Kilobits\\/Second|Megabits\\/Second|Gigabits\\/Second|Terabits\\/Second|Count\\/Second|None)$';
const name = { type: 'string', pattern: '^(.*)$', minLength: 1, maxLength: 255 } as const;
const published = z.fromJSONSchema({
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer' },
        CloudWatchMetrics: {
          type: 'array',
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            properties: {
              Namespace: name,
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: { type: 'array', minItems: 0, maxItems: 9, items: name },
              },
              Metrics: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['Name'],
                  properties: { Name: name, Unit: { type: 'string', pattern: UNITS } },
                },
              },
            },
          },
        },
      },
    },
  },
});

/** What the specification says in words of the members that a directive names. */
const document = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.tuple([z.object({ Name: z.string(), Unit: z.string() })]),
      }),
    ]),
  }),
});

function linesOf(count: (meter: Meter) => void, kept: MetricsBySource = 'all'): string[] {
  const lines: string[] = [];
  count(createEmbeddedMetrics('site-a', kept, (line) => lines.push(line)));
  return lines;
}

const NAMES = Object.keys(METRICS) as MetricName[];
const TOLD = {
  source: 'ct-1',
  product: 'qER',
  evidence: 'quiet',
  status: 'accepted',
  stage: 'compute',
  cause: 'throttled',
  reason: 'filtered',
  usecase: 'qer',
} as const;

describe('createEmbeddedMetrics', () => {
  it.each(NAMES)(
    '%s is one line as AWS publishes the format, whose every name leads to a member',
    (metric) => {
      const lines = linesOf((meter) => meter(metric, 2.5, TOLD));
      expect(lines).toHaveLength(1);
      const [line = ''] = lines;
      expect(line).toMatch(/^[^\n]+\n$/);
      const written: unknown = JSON.parse(line);
      expect(() => published.parse(written)).not.toThrow();
      const read = document.parse(written);
      const [{ Dimensions: sets, Metrics: metrics }] = read._aws.CloudWatchMetrics;
      expect(sets).toEqual([
        ['App'],
        ...METRICS[metric].dimensions.map((set) => ['App', ...set.map(titled)]),
      ]);
      for (const dimension of new Set(sets.flat())) expect(read[dimension]).toBeTypeOf('string');
      expect(metrics).toEqual([{ Name: metric, Unit: METRICS[metric].unit }]);
      expect(read[metric]).toBe(2.5);
      expect(read['App']).toBe('site-a');
    },
  );

  it.each([
    ['a dimension that was not told', {}, [['App']]],
    ['one of two', { stage: 'compute' }, [['App'], ['App', 'Stage']]],
    ['an empty one', { stage: '' }, [['App']]],
    ['one of spaces', { stage: '  ' }, [['App']]],
    ['one that begins with a colon', { stage: ':x' }, [['App']]],
    ['one that is no ASCII', { stage: 'Müller' }, [['App']]],
    ['one with a line break', { stage: 'a\nb' }, [['App']]],
    ['one that is too long', { stage: 'a'.repeat(1025) }, [['App']]],
    ['one that the metric does not have', { source: 'ct-1', stage: 'compute' }, [['App'], ['App', 'Stage']]],
  ])('%s is counted by its dimension sets', (_name, dimensions, sets) => {
    const [line = ''] = linesOf((meter) => meter('DeadLetters', 1, dimensions));
    const written = document.parse(JSON.parse(line));
    expect(written._aws.CloudWatchMetrics[0].Dimensions).toEqual(sets);
    expect(Object.keys(written).sort()).toEqual([...new Set(sets.flat()), 'DeadLetters', '_aws'].sort());
  });

  it.each<{ kept: MetricsBySource; metric: MetricName; isKept: boolean }>([
    { kept: 'all', metric: 'SeriesDone', isKept: true },
    { kept: 'failures', metric: 'SeriesDone', isKept: false },
    { kept: 'failures', metric: 'SeriesFailed', isKept: true },
    { kept: 'none', metric: 'SeriesFailed', isKept: false },
    { kept: 'none', metric: 'CanarySucceeded', isKept: true },
  ])(
    'keeps of $kept the source of $metric: $isKept, and its other dimensions',
    ({ kept, metric, isKept }) => {
      const [line = ''] = linesOf((meter) => meter(metric, 1, TOLD), kept);
      const read = document.parse(JSON.parse(line));
      const [{ Dimensions: sets }] = read._aws.CloudWatchMetrics;
      expect(sets).toEqual([
        ['App'],
        ...METRICS[metric].dimensions
          .filter((set) => isKept || set.every((one) => one !== 'source'))
          .map((set) => ['App', ...set.map(titled)]),
      ]);
      expect('Source' in read).toBe(isKept);
    },
  );

  it('ignores a line that cannot be written', () => {
    const meter = createEmbeddedMetrics('site-a', 'all', () => {
      throw new Error('EPIPE');
    });
    expect(() => meter('SeriesDone', 1, TOLD)).not.toThrow();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the value %d', (value) => {
    expect(linesOf((meter) => meter('SeriesDone', value))).toEqual([]);
  });
});

function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
