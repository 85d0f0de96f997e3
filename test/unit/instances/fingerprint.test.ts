import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, type Instance } from '../../../functions/instances/instance.ts';
import { instanceRow } from '../../support/series-rows.ts';

const SET = [instanceRow(1), instanceRow(2), instanceRow(3)];

describe('fingerprintOf', () => {
  it('does not depend on the order of the rows', () => {
    const rows = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 40 });
    fc.assert(
      fc.property(
        rows.chain((numbers) =>
          fc.tuple(
            fc.constant(numbers),
            fc.shuffledSubarray(numbers, { minLength: numbers.length, maxLength: numbers.length }),
          ),
        ),
        ([numbers, shuffled]) => {
          expect(fingerprintOf(shuffled.map((n) => instanceRow(n)))).toBe(
            fingerprintOf(numbers.map((n) => instanceRow(n))),
          );
        },
      ),
    );
  });

  it.each<[string, Instance[]]>([
    ['an instance more', [...SET, instanceRow(4)]],
    ['an instance less', SET.slice(1)],
    ['another instance', [...SET.slice(1), instanceRow(4)]],
    ['other content of the same size', [...SET.slice(1), withObject(1, { etag: 'a'.repeat(32) })]],
    ['another size', [...SET.slice(1), withObject(1, { sizeBytes: 7 })]],
    ['nothing', []],
  ])('differs for %s', (_name, other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(SET));
  });

  it('is the same for the same content under another key, in another version, indexed at another time', () => {
    const moved = withObject(1, { key: 'siteA/elsewhere', versionId: 'v2', isGzip: true });
    expect(fingerprintOf([...SET.slice(1), { ...moved, indexedAt: '2026-04-01T00:00:00.000Z' }])).toBe(
      fingerprintOf(SET),
    );
  });
});

function withObject(number: number, object: Partial<Instance['object']>): Instance {
  const row = instanceRow(number);
  return { ...row, object: { ...row.object, ...object } };
}
